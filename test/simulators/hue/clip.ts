import { type Answer, clipError, json } from './answer.ts';
import type { House } from './house.ts';
import type { Lamp, LampAttribute, LampWish } from './lamp.ts';
import { attributePaths, type LightPut, readPutBody } from './put-body.ts';
import { parseJson } from './requests.ts';

/** ms */
const longestTransition = 6_000_000;

/** An entry in `errors` of an answer with status 207: the command was taken, in part or in vain. */
interface CommandError {
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

function putLight(house: House, id: string, put: LightPut): CommandError[] {
  if (put.duration > longestTransition)
    return [{ description: `invalid attribute value (.dynamics.duration) for resource ${id}`, error_code: 'client_error' }];
  const lamp = house.lamps.find((each) => each.lightId === id);
  return lamp ? obey(house, lamp, put) : [];
}

/** A group passes on what each lamp can do; the bridge does not complain about the others (README.md, "Groups"). */
function putGroup(house: House, id: string, { wish, duration }: LightPut): CommandError[] {
  for (const lamp of house.groups.find((group) => group.id === id)?.lamps ?? []) {
    obey(house, lamp, { wish: supported(lamp, wish), duration });
  }
  return [];
}

/** Gives a command to a lamp as far as it can follow, and tells what stood in its way. */
function obey(house: House, lamp: Lamp, { wish, duration }: LightPut): CommandError[] {
  const possible = supported(lamp, wish);
  const refused = asked(wish)
    .filter((attribute) => !lamp.has(attribute))
    .map(
      (attribute): CommandError => ({
        description: `attribute (${attributePaths[attribute]}) is not supported by resource ${lamp.lightId}`,
        error_code: 'client_error',
      }),
    );
  if (!lamp.state.reachable) return [...refused, ...mayNotWork(lamp, asked(possible), 'has communication issues', 'communication_error')];
  house.command(lamp, possible, duration);
  if (lamp.state.on) return refused;
  const unseen = asked(possible).filter((attribute) => attribute !== 'on');
  return [...refused, ...mayNotWork(lamp, unseen, 'is "soft off"', 'attribute_may_have_no_effect')];
}

const mayNotWork = (lamp: Lamp, attributes: LampAttribute[], why: string, error_code: CommandError['error_code']): CommandError[] =>
  attributes.map((attribute) => ({
    description: `device (light) ${lamp.lightId} ${why}, command (${attributePaths[attribute]}) may not have effect`,
    error_code,
  }));

const asked = (wish: LampWish): LampAttribute[] => Object.keys(wish) as LampAttribute[];

const supported = (lamp: Lamp, wish: LampWish): LampWish =>
  Object.fromEntries(Object.entries(wish).filter(([attribute]) => lamp.has(attribute as LampAttribute)));
