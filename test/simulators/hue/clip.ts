import { type Answer, clipError, json } from './answer.ts';
import type { House } from './house.ts';
import type { Lamp, LampAttribute, LampWish } from './lamp.ts';
import { attributePaths, type LightPut, readPutBody } from './put-body.ts';
import { parseJson } from './requests.ts';

interface AdvisoryError {
  description: string;
  error_code: 'communication_error' | 'attribute_may_have_no_effect' | 'client_error';
}

/** Answers a request under `/clip/v2/resource`, from a client whose key was accepted. */
export function answerClip(house: House, method: string, path: string, text: string): Answer {
  const [type, id, ...deeper] = path.split('/').slice(4);
  const resources = house.resources(type || undefined);
  if (!resources || deeper.length > 0) return clipError(404, 'Not Found');
  const resource = id === undefined ? undefined : resources.find((each) => each.id === id);
  if (id !== undefined && !resource) return clipError(404, 'Not Found');
  if (method === 'GET') return json(200, { errors: [], data: resource ? [resource] : resources });
  if (method !== 'PUT' || !resource) return clipError(405, 'Method Not Allowed');
  if (type !== 'light' && type !== 'grouped_light') return clipError(501, `the simulator does not change ${type}`);

  const body = parseJson(text);
  if (body === undefined) return clipError(400, 'body contains invalid JSON');
  const read = readPutBody(body);
  if ('rejected' in read) return clipError(400, read.rejected);
  if ('notSimulated' in read) return clipError(501, `the simulator does not play "${read.notSimulated}"`);
  const errors = type === 'light' ? putLight(house, String(id), read.put) : putGroup(house, String(id), read.put);
  return json(errors.length > 0 ? 207 : 200, { data: [{ rid: id, rtype: type }], errors });
}

function putLight(house: House, id: string, put: LightPut): AdvisoryError[] {
  const lamp = house.lamps.find((each) => each.lightId === id);
  return lamp ? obey(house, lamp, put) : [];
}

/** A group passes on what each lamp can do; the bridge does not complain about the others (README.md, "Groups"). */
function putGroup(house: House, id: string, { wish, duration }: LightPut): AdvisoryError[] {
  for (const lamp of house.groups.find((group) => group.id === id)?.lamps ?? []) {
    obey(house, lamp, { wish: supported(lamp, wish), duration });
  }
  return [];
}

/** Gives a command to a lamp as far as it can follow, and tells what stood in its way. */
function obey(house: House, lamp: Lamp, { wish, duration }: LightPut): AdvisoryError[] {
  const possible = supported(lamp, wish);
  const refused = asked(wish)
    .filter((attribute) => !lamp.has(attribute))
    .map(
      (attribute): AdvisoryError => ({
        description: `attribute (${attributePaths[attribute]}) is not supported by resource ${lamp.lightId}`,
        error_code: 'client_error',
      }),
    );
  const { on, reachable } = lamp.state;
  if (!reachable) return [...refused, ...mayNotWork(lamp, asked(possible), 'has communication issues', 'communication_error')];
  if (wish.on ?? on) {
    house.command(lamp, possible, duration);
    return refused;
  }
  if (wish.on === false && on) house.command(lamp, { on: false }, duration);
  lamp.remember(possible);
  const idle = asked(possible).filter((attribute) => attribute !== 'on');
  return [...refused, ...mayNotWork(lamp, idle, 'is "soft off"', 'attribute_may_have_no_effect')];
}

const mayNotWork = (lamp: Lamp, attributes: LampAttribute[], why: string, error_code: AdvisoryError['error_code']): AdvisoryError[] =>
  attributes.map((attribute) => ({
    description: `device (light) ${lamp.lightId} ${why}, command (${attributePaths[attribute]}) may not have effect`,
    error_code,
  }));

const asked = (wish: LampWish): LampAttribute[] => Object.keys(wish) as LampAttribute[];

const supported = (lamp: Lamp, wish: LampWish): LampWish =>
  Object.fromEntries(Object.entries(wish).filter(([attribute]) => lamp.has(attribute as LampAttribute)));
