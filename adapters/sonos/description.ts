import { RoomtoneError } from '../../daemon/api/errors.ts';
import { hostOf, type Service, type UpnpClient } from './upnp.ts';
import { all, at, textAt, type Xml } from './xml.ts';

/** What a device says of itself (UPnP Device Architecture 2.0, section 2.3), its embedded devices taken together. */
export interface Description {
  /** `RINCON_...` of a Sonos player, the UDN of any other. */
  id: string;
  kind: 'sonos' | 'renderer';
  name: string;
  model: string;
  /** By the last part of their type but one: `AVTransport`. */
  services: ReadonlyMap<string, Service>;
}

const ZONE_PLAYER = /^urn:schemas-upnp-org:device:ZonePlayer:/;

/** @throws RoomtoneError `sonos.not_a_player` where there is no player */
export async function describe(client: UpnpClient, location: string, signal: AbortSignal): Promise<Description> {
  const root = at(await client.document(location, signal), 'root');
  const device = at(root, 'device');
  const base = textAt(root, 'URLBase') || location;
  const services = new Map(devicesIn(device).flatMap((each) => servicesOf(each, base).map((service) => [nameOf(service.type), service])));
  const id = textAt(device, 'UDN').replace(/^uuid:/, '');
  if (!id || !services.has('AVTransport') || !services.has('RenderingControl')) {
    throw new RoomtoneError('sonos.not_a_player', { params: { host: hostOf(location) } });
  }
  const isSonos = ZONE_PLAYER.test(textAt(device, 'deviceType'));
  const generation = textAt(device, 'swGen');
  const model = [textAt(device, 'modelName'), isSonos && generation ? `(S${generation})` : ''].filter(Boolean).join(' ');
  const name = textAt(device, 'roomName') || textAt(device, 'friendlyName') || id;
  return { id, kind: isSonos ? 'sonos' : 'renderer', name, model, services };
}

function devicesIn(device: Xml | undefined): Xml[] {
  if (device === undefined) return [];
  return [device, ...all(at(device, 'deviceList'), 'device').flatMap(devicesIn)];
}

function servicesOf(device: Xml, base: string): Service[] {
  return all(at(device, 'serviceList'), 'service').flatMap((service) => {
    const [control, events, description] = ['controlURL', 'eventSubURL', 'SCPDURL'].map((name) => textAt(service, name));
    if (!control || !URL.canParse(control, base)) return [];
    const absolute = (path = ''): string => new URL(path, base).href;
    return [
      { type: textAt(service, 'serviceType'), control: absolute(control), events: absolute(events), description: absolute(description) },
    ];
  });
}

const nameOf = (type: string): string => type.split(':').at(-2) ?? type;

/** What a renderer's volume goes up to, and which actions it has (its service descriptions). */
export interface Abilities {
  /** Of the service's own steps; 0: it has no volume. */
  maxVolume: number;
  hasMute: boolean;
  hasNext: boolean;
}

const SONOS: Abilities = { maxVolume: 100, hasMute: true, hasNext: true };

/** @throws RoomtoneError */
export async function abilitiesOf(client: UpnpClient, { kind, services }: Description, signal: AbortSignal): Promise<Abilities> {
  if (kind === 'sonos') return SONOS;
  const scpd = async (name: string): Promise<Xml | undefined> => {
    const service = services.get(name);
    return service && at(await client.document(service.description, signal), 'scpd');
  };
  const [sound, transport] = await Promise.all([scpd('RenderingControl'), scpd('AVTransport')]);
  const volume = all(at(sound, 'serviceStateTable'), 'stateVariable').find((each) => textAt(each, 'name') === 'Volume');
  const maximum = Number(textAt(volume, 'allowedValueRange', 'maximum')) || 100;
  return {
    maxVolume: actionsIn(sound).includes('SetVolume') ? maximum : 0,
    hasMute: actionsIn(sound).includes('SetMute'),
    hasNext: actionsIn(transport).includes('Next'),
  };
}

const actionsIn = (scpd: Xml | undefined): string[] => all(at(scpd, 'actionList'), 'action').map((action) => textAt(action, 'name'));
