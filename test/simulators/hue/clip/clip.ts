import { type Answer, clipError, json } from '../answer.ts';
import type { House } from '../home/house.ts';
import { MotionSensor } from '../home/motion-sensor.ts';
import type { ClipObject, Reference } from '../home/resource.ts';
import type { Scene } from '../home/scenes.ts';
import { parseJson } from '../requests.ts';
import { lampWish, lightCommand, readBody } from './bodies.ts';
import { type CommandError, commandGroup, commandLight, longestTransition } from './light-commands.ts';

export interface ClipRequest {
  method: string;
  path: string;
  text: string;
  /** The bridge has more to do than it can: it takes the command, and the lamps never hear of it. */
  inVain: boolean;
}

/** Answers a request under `/clip/v2/resource`, from a client whose key was accepted. */
export function answerClip(house: House, request: ClipRequest): Answer {
  const { method, path, text } = request;
  const [type, id, ...deeper] = path.split('/').slice(4);
  const resources = type === 'scene' && method === 'POST' ? [] : house.resources(type || undefined);
  if (!resources || deeper.length > 0) return notFound;
  const resource = id === undefined ? undefined : resources.find((each) => each.id === id);
  if (id !== undefined && !resource) return notFound;
  if (method === 'GET') return json(200, { errors: [], data: resource ? [resource] : resources });
  if (type === 'scene' && method === 'DELETE' && resource) return deleteScene(house, String(id));
  if (method !== (resource ? 'PUT' : 'POST') || (method === 'POST' && type !== 'scene')) return clipError(405, 'Method Not Allowed');

  const value = parseJson(text);
  if (value === undefined) return clipError(400, 'body contains invalid JSON');
  const read = readBody(`${method} ${type}`, value);
  if ('rejected' in read) return clipError(400, read.rejected);
  if ('notSimulated' in read) return clipError(501, `the simulator does not play "${read.notSimulated}"`);
  if (!resource) return createScene(house, read.body);
  return put(house, { rid: String(id), rtype: String(type) }, { body: read.body, inVain: request.inVain });
}

const notFound = clipError(404, 'Not Found');

interface PutBody {
  body: ClipObject;
  inVain: boolean;
}

function put(house: House, { rid, rtype }: Reference, { body, inVain }: PutBody): Answer {
  const done = (errors: CommandError[] = []): Answer => json(errors.length > 0 ? 207 : 200, { data: [{ rid, rtype }], errors });
  const command = { ...lightCommand(body), inVain };
  if (rtype === 'light') {
    const lamp = house.lamps.find((each) => each.lightId === rid);
    return lamp ? done(commandLight(house, lamp, command)) : notFound;
  }
  if (rtype === 'grouped_light') {
    const group = house.groups.find((each) => each.lightId === rid);
    return group ? done(commandGroup(house, group, command)) : notFound;
  }
  if (rtype === 'device') return putDevice(house, rid, body) ?? done();
  if (rtype === 'scene') return putScene(house, rid, body) ?? done();
  putSensor(house, rid, body);
  return done();
}

function putDevice(house: House, id: string, body: ClipObject): Answer | undefined {
  const device = house.devices.find((each) => each.id === id);
  const { metadata, identify } = body as Record<string, ClipObject | undefined>;
  if (!device) return notFound;
  if (identify && !device.identifies) return clipError(400, `attribute (.identify.action) is not supported by resource ${id}`);
  if (identify) device.identified += 1;
  if (typeof metadata?.name === 'string') house.rename(device, metadata.name);
  return undefined;
}

function putScene(house: House, id: string, body: ClipObject): Answer | undefined {
  const scene = house.scenes.all.find((each) => each.id === id);
  const { metadata, recall } = body as Record<string, ClipObject | undefined>;
  if (!scene) return notFound;
  if (recall?.action === 'dynamic_palette') return clipError(501, 'the simulator does not play "dynamic_palette"');
  const duration = recall?.duration as number | undefined;
  if (duration !== undefined && duration > longestTransition)
    return clipError(400, `invalid attribute value (.recall.duration) for resource ${id}`);
  if (recall?.action !== undefined) {
    const { brightness } = (recall.dimming ?? {}) as { brightness?: number };
    house.scenes.recall(scene, { ...(duration !== undefined && { duration }), ...(brightness !== undefined && { brightness }) });
  }
  if (typeof metadata?.name === 'string') house.scenes.rename(scene, metadata.name);
  return undefined;
}

/** A scene is for a room or a zone, and for its own lamps. */
function createScene(house: House, body: ClipObject): Answer {
  const {
    actions,
    group: reference,
    metadata,
  } = body as unknown as {
    actions: { target: Reference; action: ClipObject }[];
    group: Reference;
    metadata: { name: string };
  };
  const group = house.groups.find((each) => each.id === reference.rid && each.type === reference.rtype);
  if (!group || group.type === 'bridge_home') return clipError(400, `group ${reference.rid} does not exist`);
  const found = actions.map(({ target, action }) => ({
    lamp: group.lamps.find((each) => each.lightId === target.rid),
    wish: lampWish(action),
    target,
  }));
  const stranger = found.find(({ lamp }) => !lamp);
  if (stranger) return clipError(400, `light ${stranger.target.rid} is not part of group ${reference.rid}`);
  const known = found.flatMap(({ lamp, wish }) => (lamp ? [{ lamp, wish }] : []));
  const scene: Scene = house.scenes.create({ name: metadata.name, group, actions: known });
  return json(200, { data: [{ rid: scene.id, rtype: 'scene' }], errors: [] });
}

function deleteScene(house: House, id: string): Answer {
  const scene = house.scenes.all.find((each) => each.id === id);
  if (scene) house.scenes.remove(scene);
  return json(200, { data: [{ rid: id, rtype: 'scene' }], errors: [] });
}

function putSensor(house: House, id: string, { enabled, sensitivity }: ClipObject): void {
  for (const sensor of house.accessories.filter((each) => each instanceof MotionSensor)) {
    const sense = (['motion', 'light_level', 'temperature'] as const).find((each) => sensor.ids[each] === id);
    if (sense && typeof enabled === 'boolean') sensor.enable(sense, enabled);
    if (sense === 'motion' && sensitivity) sensor.setSensitivity((sensitivity as { sensitivity: number }).sensitivity);
  }
}
