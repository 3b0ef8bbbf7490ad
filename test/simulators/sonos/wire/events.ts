import type { Household } from '../household/household.ts';
import type { Catalog } from '../household/media.ts';
import type { Player } from '../household/player.ts';
import type { ContentState } from '../services/content.ts';
import type { ServiceName } from '../services/descriptions.ts';
import { clockTime, didl, trackItem } from './didl.ts';
import type { EventSource, Variables } from './gena.ts';
import { nowPlaying } from './now-playing.ts';
import { attributesOf, tag } from './xml.ts';
import { channelMapSet, theaterMapSet, zoneGroupState } from './zone-group-state.ts';

interface PlayerEventsOptions {
  player: Player;
  household: Household;
  catalog: Catalog;
  content: ContentState;
}

const bool = (value: boolean): string => (value ? '1' : '0');

/** Services that tell everything as one `LastChange`, and the namespace of it. */
const lastChange: Readonly<Partial<Record<ServiceName, string>>> = {
  AVTransport: 'urn:schemas-upnp-org:metadata-1-0/AVT/',
  RenderingControl: 'urn:schemas-upnp-org:metadata-1-0/RCS/',
};

/** What a player tells its subscribers. */
export class PlayerEvents implements EventSource {
  readonly #options: PlayerEventsOptions;

  constructor(options: PlayerEventsOptions) {
    this.#options = options;
  }

  variables(service: ServiceName): Variables {
    return new Map(Object.entries(this.#values(service)));
  }

  body(service: ServiceName, changed: Variables): string {
    const namespace = lastChange[service];
    const properties = namespace ? [tag('LastChange', this.#lastChange(service, { namespace, changed }))] : plain(changed);
    const list = properties.map((property) => `<e:property>${property}</e:property>`).join('');
    return `<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${list}</e:propertyset>`;
  }

  /** AVTransport tells everything whenever anything changed; RenderingControl what changed, of volume and mute all channels. */
  #lastChange(service: ServiceName, { namespace, changed }: { namespace: string; changed: Variables }): string {
    const all = [...this.variables(service)];
    const kinds = new Set([...changed.keys()].map((name) => name.split('|')[0]));
    const told = service === 'AVTransport' ? all : all.filter(([name]) => kinds.has(name.split('|')[0]));
    const elements = told.map(([name, val]) => {
      const [element, channel] = name.split('|');
      return `<${element}${attributesOf({ channel, val })}/>`;
    });
    const extension = service === 'AVTransport' ? ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"' : '';
    return `<Event xmlns="${namespace}"${extension}><InstanceID val="0">${elements.join('')}</InstanceID></Event>`;
  }

  #values(service: ServiceName): Record<string, string> {
    const { player, content } = this.#options;
    switch (service) {
      case 'AVTransport':
        return this.#transport();
      case 'RenderingControl':
        return renderingOf(player);
      case 'GroupRenderingControl':
        return this.#group();
      case 'ZoneGroupTopology':
        return this.#topology();
      case 'ContentDirectory':
        return content.variables(player);
      case 'DeviceProperties':
        return deviceOf(player);
      case 'GroupManagement':
        return this.#management();
      case 'AlarmClock':
        return { TimeFormat: '24H', DateFormat: 'DMY', AlarmListVersion: `${player.uuid}:1`, TimeGeneration: '1' };
      case 'ConnectionManager':
        return { SourceProtocolInfo: '', SinkProtocolInfo: 'http-get:*:audio/mpeg:*', CurrentConnectionIDs: '' };
      case 'MusicServices':
        return { ServiceListVersion: `${player.uuid}:1` };
      case 'SystemProperties':
        return { CustomerID: '', UpdateID: '1', VoiceUpdateID: '0', ThirdPartyHash: '' };
      default:
        return service satisfies never;
    }
  }

  #transport(): Record<string, string> {
    const { player, household, catalog } = this.#options;
    const { transport, queue } = player;
    const playing = nowPlaying(player, catalog);
    const next = transport.nextTrack;
    const enqueued = transport.kind === 'queue' ? queue.container : transport.content;
    return {
      TransportState: household.leads(player) ? transport.state : 'PLAYING',
      CurrentPlayMode: transport.playMode,
      CurrentCrossfadeMode: bool(transport.crossfade),
      NumberOfTracks: String(transport.trackCount),
      CurrentTrack: String(transport.trackNumber),
      CurrentSection: '0',
      CurrentTrackURI: playing.uri,
      CurrentTrackDuration: clockTime(playing.seconds),
      CurrentTrackMetaData: playing.metadata,
      'r:NextTrackURI': next?.uri ?? '',
      'r:NextTrackMetaData': next ? didl(trackItem(next, { id: '-1', parent: '-1' })) : '',
      'r:EnqueuedTransportURI': enqueued.uri,
      'r:EnqueuedTransportURIMetaData': enqueued.metadata,
      PlaybackStorageMedium: transport.kind === undefined ? 'NONE' : 'NETWORK',
      AVTransportURI: transport.content.uri,
      AVTransportURIMetaData: transport.content.metadata,
      NextAVTransportURI: '',
      NextAVTransportURIMetaData: '',
      CurrentTransportActions: (household.leads(player) ? transport.actions : ['Stop', 'Play']).join(', '),
      'r:CurrentValidPlayModes': transport.kind === 'queue' ? 'SHUFFLE,REPEAT,REPEATONE,CROSSFADE' : '',
      TransportStatus: transport.status,
      'r:SleepTimerGeneration': '0',
      'r:AlarmRunning': '0',
      'r:SnoozeRunning': '0',
      'r:RestartPending': '0',
      TransportPlaySpeed: 'NOT_IMPLEMENTED',
      CurrentMediaDuration: 'NOT_IMPLEMENTED',
      RecordStorageMedium: 'NOT_IMPLEMENTED',
      PossiblePlaybackStorageMedia: 'NONE, NETWORK',
      PossibleRecordStorageMedia: 'NOT_IMPLEMENTED',
      RecordMediumWriteStatus: 'NOT_IMPLEMENTED',
      CurrentRecordQualityMode: 'NOT_IMPLEMENTED',
      PossibleRecordQualityModes: 'NOT_IMPLEMENTED',
    };
  }

  #group(): Record<string, string> {
    const { player, household } = this.#options;
    const group = household.groupOf(player);
    if (!group || !household.leads(player)) {
      return { GroupMute: bool(player.volume.muted), GroupVolume: String(player.volume.level), GroupVolumeChangeable: '1' };
    }
    const changeable = group.members.some(({ volume }) => !volume.fixed);
    return {
      GroupMute: bool(household.isMuted(group)),
      GroupVolume: String(household.volumeOf(group)),
      GroupVolumeChangeable: bool(changeable),
    };
  }

  #topology(): Record<string, string> {
    const { player, household } = this.#options;
    const group = household.groupOf(player);
    return {
      AvailableSoftwareUpdate: '',
      ZoneGroupState: zoneGroupState(household),
      ThirdPartyMediaServersX: '',
      AlarmRunSequence: `${player.uuid}:${player.bootSeq}:0`,
      MuseHouseholdId: household.id,
      ...(player.isVisible && group
        ? {
            ZoneGroupName: groupName(group),
            ZoneGroupID: group.id,
            ZonePlayerUUIDsInGroup: group.members.map(({ uuid }) => uuid).join(','),
          }
        : { ZoneGroupName: '', ZoneGroupID: '', ZonePlayerUUIDsInGroup: '' }),
      AreasUpdateID: '',
      SourceAreasUpdateID: '',
      NetsettingsUpdateID: `${player.uuid},1`,
    };
  }

  #management(): Record<string, string> {
    const { player, household } = this.#options;
    return {
      GroupCoordinatorIsLocal: bool(household.leads(player)),
      LocalGroupUUID: household.groupOf(player)?.id ?? '',
      VirtualLineInGroupID: '',
      ResetVolumeAfter: '0',
      VolumeAVTransportURI: '',
    };
  }
}

const plain = (changed: Variables): string[] => [...changed].map(([name, value]) => tag(name, value));

/** `Kitchen`, or `Kitchen + 2`. */
export const groupName = ({ coordinator, members }: { coordinator: Player; members: readonly Player[] }): string =>
  members.length > 1 ? `${coordinator.name} + ${members.length - 1}` : coordinator.name;

function renderingOf({ volume, bass, treble, loudness, eq }: Player): Record<string, string> {
  return {
    'Volume|Master': String(volume.level),
    'Volume|LF': '100',
    'Volume|RF': '100',
    'Mute|Master': bool(volume.muted),
    'Mute|LF': '0',
    'Mute|RF': '0',
    Bass: String(bass),
    Treble: String(treble),
    'Loudness|Master': bool(loudness),
    OutputFixed: bool(volume.fixed),
    HeadphoneConnected: '0',
    SpeakerSize: '5',
    SubGain: String(eq.get('SubGain') ?? 0),
    SubCrossover: '0',
    SubPolarity: '0',
    SubEnabled: '1',
    SonarEnabled: '0',
    SonarCalibrationAvailable: '0',
    PresetNameList: 'FactoryDefaults',
  };
}

function deviceOf(player: Player): Record<string, string> {
  return {
    SettingsReplicationState: `${player.uuid},0`,
    ZoneName: player.name,
    Icon: player.icon,
    Configuration: '1',
    Invisible: bool(!player.isVisible),
    IsZoneBridge: bool(player.isBridge),
    AirPlayEnabled: bool(player.isVisible && player.generation === 2),
    SupportsAudioIn: '0',
    SupportsAudioClip: bool(player.generation === 2),
    IsIdle: bool(player.transport.state !== 'PLAYING'),
    MoreInfo: '',
    ChannelMapSet: channelMapSet(player) ?? '',
    HTSatChanMapSet: theaterMapSet(player) ?? '',
    HTBondedZoneCommitState: '0',
    Orientation: '0',
    LastChangedPlayState: '',
    TVConfigurationError: '0',
    HdmiCecAvailable: bool(player.hasTv),
    WifiEnabled: '1',
    MicEnabled: '0',
  };
}
