import type { Household, Vanished } from '../household/household.ts';
import { generations } from '../household/models.ts';
import type { Player } from '../household/player.ts';
import { attributesOf } from './xml.ts';

/** `RINCON_A:LF,LF;RINCON_B:RF,RF`, for all players of a pair alike. */
export function channelMapSet(player: Player): string | undefined {
  const { primary } = player;
  if (!primary.partners.some(({ bond }) => bond?.kind === 'stereo')) return undefined;
  return [`${primary.uuid}:LF,LF`, ...primary.partners.map(({ uuid, bond }) => `${uuid}:${bond?.channels}`)].join(';');
}

/** That of the soundbar names all behind it, that of a satellite only the soundbar and itself. */
export function theaterMapSet(player: Player): string | undefined {
  const { primary } = player;
  const satellites = primary.partners.filter(({ bond }) => bond?.kind === 'theater');
  if (satellites.length === 0) return undefined;
  const named = player === primary ? satellites : [player];
  return [`${primary.uuid}:LF,RF`, ...named.map(({ uuid, bond }) => `${uuid}:${bond?.channels}`)].join(';');
}

function attributes(player: Player): string {
  const generation = generations[player.generation];
  const isS2 = player.generation === 2;
  const isSatellite = player.bond?.kind === 'theater';
  return attributesOf({
    UUID: player.uuid,
    Location: player.place && locationOf(player.place),
    ZoneName: player.name,
    Icon: player.icon,
    Configuration: '1',
    Invisible: player.isVisible ? undefined : '1',
    IsZoneBridge: player.isBridge ? '1' : undefined,
    SoftwareVersion: generation.software,
    SWGen: player.generation,
    MinCompatibleVersion: generation.minCompatible,
    LegacyCompatibleVersion: generation.legacyCompatible,
    ChannelMapSet: channelMapSet(player),
    HTSatChanMapSet: theaterMapSet(player),
    BootSeq: player.bootSeq,
    TVConfigurationError: '0',
    HdmiCecAvailable: player.hasTv ? '1' : '0',
    WirelessMode: '1',
    WirelessLeafOnly: '0',
    HasConfiguredSSID: isS2 ? undefined : '0',
    ChannelFreq: isS2 ? '5180' : '2412',
    BehindWifiExtender: '0',
    WifiEnabled: '1',
    EthLink: isS2 ? '0' : undefined,
    Orientation: '0',
    RoomCalibrationState: isSatellite ? '5' : '4',
    SecureRegState: '3',
    VoiceConfigState: '0',
    MicEnabled: '0',
    AirPlayEnabled: player.isVisible && isS2 ? '1' : '0',
    IdleState: '1',
    MoreInfo: '',
    SSLPort: isS2 ? '1443' : undefined,
    HHSSLPort: isS2 ? '1843' : undefined,
  });
}

export const locationOf = ({ host, port }: { host: string; port: number }): string => `http://${host}:${port}/xml/device_description.xml`;

function memberXml(player: Player, hidden: readonly Player[]): string {
  const present = player.partners.filter((partner) => !hidden.includes(partner));
  const satellites = present.filter(({ bond }) => bond?.kind === 'theater');
  const others = present.filter(({ bond }) => bond?.kind === 'stereo').map((partner) => `<ZoneGroupMember${attributes(partner)}/>`);
  const inner = satellites.map((satellite) => `<Satellite${attributes(satellite)}/>`).join('');
  const own = inner ? `<ZoneGroupMember${attributes(player)}>${inner}</ZoneGroupMember>` : `<ZoneGroupMember${attributes(player)}/>`;
  return others.join('') + own;
}

const vanishedXml = ({ player, reason }: Vanished): string =>
  `<Device${attributesOf({ UUID: player.uuid, ZoneName: player.name, Icon: player.icon, Configuration: '1', Reason: reason })}/>`;

/** The coordinator stands anywhere among the members, and the hidden player of a pair before the other. */
const byId = (first: Player, second: Player): number => (first.uuid < second.uuid ? -1 : 1);

/** The state of the whole household as every player tells it, not yet escaped. */
export function zoneGroupState({ groups, vanished, players }: Household): string {
  const hidden = vanished.map(({ player }) => player);
  const groupXml = groups.map(({ id, coordinator, members }) => {
    const inner = members
      .toSorted(byId)
      .map((member) => memberXml(member, hidden))
      .join('');
    return `<ZoneGroup${attributesOf({ Coordinator: coordinator.uuid, ID: id })}>${inner}</ZoneGroup>`;
  });
  const gone = vanished.filter(({ player }) => player.isVisible).map(vanishedXml);
  const isOld = players[0]?.generation === 1 && gone.length === 0;
  const absent = isOld ? '' : `<VanishedDevices>${gone.join('')}</VanishedDevices>`;
  return `<ZoneGroupState><ZoneGroups>${groupXml.join('')}</ZoneGroups>${absent}</ZoneGroupState>`;
}
