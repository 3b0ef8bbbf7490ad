import { generations, models } from '../household/models.ts';
import type { Place, Player } from '../household/player.ts';
import { type ServiceDescription, type ServiceName, services, typeOf } from '../services/descriptions.ts';
import { tag } from './xml.ts';

const serverServices: readonly ServiceName[] = ['ContentDirectory', 'ConnectionManager'];
const rendererServices: readonly ServiceName[] = ['RenderingControl', 'ConnectionManager', 'AVTransport', 'GroupRenderingControl'];

/** `Linux UPnP/1.0 Sonos/95.0-77060 (ZPS18)` */
export const serverHeader = ({ generation, model }: Player): string =>
  `Linux UPnP/1.0 Sonos/${generations[generation].software} (ZP${models[model].number})`;

/** The description of a player with its two sub-devices. */
export function deviceDescription(player: Player, { host }: Place): string {
  const model = models[player.model];
  const generation = generations[player.generation];
  const own = services.filter(({ name }) => !serverServices.includes(name) && !rendererServices.includes(name));
  return `<?xml version="1.0" encoding="utf-8" ?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
<device>
${identity({ type: 'ZonePlayer', friendly: `${host} - Sonos ${model.name} - ${player.uuid}`, player, suffix: '' })}
${tag('softwareVersion', generation.software)}
${tag('swGen', player.generation)}
${tag('hardwareVersion', '1.26.1.7-2.0')}
${tag('serialNum', player.serial)}
${tag('MACAddress', player.macAddress)}
<iconList><icon><id>0</id><mimetype>image/png</mimetype><width>48</width><height>48</height><depth>24</depth>${tag('url', `/img/icon-${model.number}.png`)}</icon></iconList>
${tag('minCompatibleVersion', generation.minCompatible)}
${tag('legacyCompatibleVersion', generation.legacyCompatible)}
${tag('apiVersion', generation.api)}
<minApiVersion>1.1.0</minApiVersion>
${tag('displayVersion', generation.display)}
<extraVersion></extraVersion>
${tag('roomName', player.name)}
${tag('displayName', model.name)}
${tag('zoneType', model.zoneType)}
<feature1>0x00000000</feature1>
<feature2>0x00403332</feature2>
<feature3>0x0001000e</feature3>
<seriesid>A200</seriesid>
<variant>2</variant>
<internalSpeakerSize>5</internalSpeakerSize>
<serviceList>${own.map((service) => serviceXml(service)).join('')}</serviceList>
<deviceList>
<device>
${identity({ type: 'MediaServer', friendly: `${host} - Sonos ${model.name} Media Server`, player, suffix: '_MS' })}
<serviceList>${listed(serverServices, '/MediaServer')}</serviceList>
</device>
${player.isBridge ? '' : renderer(player)}
</deviceList>
</device>
</root>
`;
}

const renderer = (player: Player): string => `<device>
${identity({ type: 'MediaRenderer', friendly: `${player.name} - Sonos ${models[player.model].name} Media Renderer`, player, suffix: '_MR' })}
<serviceList>${listed(rendererServices, '/MediaRenderer')}</serviceList>
</device>`;

interface Identity {
  type: string;
  friendly: string;
  player: Player;
  suffix: '' | '_MS' | '_MR';
}

function identity({ type, friendly, player, suffix }: Identity): string {
  const model = models[player.model];
  const purpose = { '': '', _MS: ' Media Server', _MR: ' Media Renderer' }[suffix];
  return [
    tag('deviceType', `urn:schemas-upnp-org:device:${type}:1`),
    tag('friendlyName', friendly),
    '<manufacturer>Sonos, Inc.</manufacturer>',
    '<manufacturerURL>http://www.sonos.com</manufacturerURL>',
    tag('modelNumber', model.number),
    tag('modelDescription', `Sonos ${model.name}${purpose}`),
    tag('modelName', `Sonos ${model.name}`),
    tag('modelURL', `http://www.sonos.com/products/zoneplayers/${model.number}`),
    tag('UDN', `uuid:${player.uuid}${suffix}`),
  ].join('\n');
}

const listed = (names: readonly ServiceName[], folder: string): string =>
  names.map((name) => serviceXml(services.find((service) => service.name === name) as ServiceDescription, folder)).join('');

/** ConnectionManager is there once for each sub-device. */
function serviceXml({ type, id, name, controlPath, eventPath, descriptionPath }: ServiceDescription, folder?: string): string {
  const [control, event] =
    name === 'ConnectionManager' ? [`${folder}/${name}/Control`, `${folder}/${name}/Event`] : [controlPath, eventPath];
  const parts = [tag('serviceType', type), tag('serviceId', id), tag('controlURL', control), tag('eventSubURL', event)];
  return `<service>${parts.join('')}${tag('SCPDURL', descriptionPath)}</service>`;
}

/** The actions of a service with their arguments. Related variables are named after the arguments, which Sonos does otherwise. */
export function serviceDescription({ actions }: ServiceDescription): string {
  const names = new Set([...actions.values()].flatMap(({ takes, gives }) => [...takes, ...gives]));
  const argument = (direction: 'in' | 'out') => (name: string) =>
    `<argument>${tag('name', name)}${tag('direction', direction)}${tag('relatedStateVariable', `A_ARG_TYPE_${name}`)}</argument>`;
  const actionXml = [...actions].map(([name, { takes, gives }]) => {
    const list = [...takes.map(argument('in')), ...gives.map(argument('out'))].join('');
    return `<action>${tag('name', name)}${list && `<argumentList>${list}</argumentList>`}</action>`;
  });
  const variables = [...names].map(
    (name) => `<stateVariable sendEvents="no">${tag('name', `A_ARG_TYPE_${name}`)}${tag('dataType', typeOf(name))}</stateVariable>`,
  );
  return `<?xml version="1.0" encoding="utf-8" ?><scpd xmlns="urn:schemas-upnp-org:service-1-0"><specVersion><major>1</major><minor>0</minor></specVersion><serviceStateTable>${variables.join('')}</serviceStateTable><actionList>${actionXml.join('')}</actionList></scpd>`;
}
