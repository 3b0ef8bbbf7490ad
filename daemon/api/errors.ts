/** Who can mend it: the person at the keyboard, a device, the network, or the authors of this program. */
export type Fault = 'user' | 'device' | 'network' | 'us';

interface ErrorKind {
  fault: Fault;
  /** HTTP status of an answer that carries it. */
  http: number;
  /** Process exit code where it ends the program (sysexits.h: 64 usage, 65 data, 69 unavailable, 70 software, 73 cannot create, 77 permission, 78 configuration). */
  exit: number;
  /** Whether the same call may succeed later without anybody changing anything. */
  retryable: boolean;
}

const user = (http: number, exit = 65): ErrorKind => ({ fault: 'user', http, exit, retryable: false });
const device = (http = 502, retryable = true): ErrorKind => ({ fault: 'device', http, exit: 69, retryable });
const network = (http = 503): ErrorKind => ({ fault: 'network', http, exit: 69, retryable: true });
const us = (http = 500): ErrorKind => ({ fault: 'us', http, exit: 70, retryable: false });

/** Every error of the program, by code `part.what`. One table gives HTTP status, exit code and fault; messages/ has the sentences. */
export const ERRORS = {
  'api.not_found': user(404),
  'api.bad_request': user(400),
  'api.too_large': user(413),
  'api.unsupported_media': user(415),
  'api.no_method': user(405),
  'api.unknown_room': user(404),
  'api.unknown_device': user(404),
  'api.unknown_source': user(404),
  'api.unknown_scene': user(404),
  'api.unsupported_attribute': user(400),
  'api.closed': { fault: 'us', http: 503, exit: 70, retryable: true },
  'api.not_ready': { fault: 'us', http: 503, exit: 69, retryable: true },
  'internal.unexpected': us(),

  'room.unknown_device': user(404),
  'ambience.no_suggestion': user(409),
  'scene.unknown_origin': user(404),
  'program.missing': user(503, 69),

  'cli.usage': user(400, 64),
  'cli.no_hub': user(503, 69),

  'config.not_found': user(404, 78),
  'config.unreadable': user(500, 78),
  'config.malformed': user(400, 78),
  'config.invalid': user(400, 78),
  'config.newer_version': user(400, 78),
  'config.changed_on_disk': user(409, 78),
  'config.read_only': user(409, 78),

  'log.invalid': user(400),
  'log.unreadable': user(404, 69),
  'log.unwritable': user(500, 73),
  'log.unknown_room': user(404),

  'device.unreachable': device(),
  'device.timeout': device(),
  'device.refused': device(502, false),
  'device.rate_limited': device(),
  'device.no_identify': user(400),
  'device.not_permitted': user(403, 77),
  'adapter.unknown': user(404, 78),
  'adapter.invalid_options': user(400, 78),
  'adapter.failed': us(503),
  'adapter.no_pairing': user(400),
  'adapter.not_paired': user(404),
  'adapter.slow_start': device(504),

  'hue.not_paired': user(409),
  'hue.link_button': user(408),
  'hue.key_revoked': user(409),
  'hue.certificate_changed': user(409),
  'hue.other_bridge': user(409),
  'hue.configured_twice': user(409),
  'hue.not_a_bridge': user(502),
  'hue.too_old': user(409),
  'hue.bad_answer': device(),

  'zigbee2mqtt.login': user(409),
  'zigbee2mqtt.offline': device(),
  'zigbee2mqtt.no_list': device(),
  'zigbee2mqtt.bad_answer': device(),

  'sonos.not_a_player': user(502),
  'sonos.configured_twice': user(409),
  'sonos.unknown_music': user(404),
  'sonos.no_events': user(503, 69),
  'sonos.busy': device(),
  'sonos.bad_answer': device(),

  'mesh.none': user(409),
  'mesh.offline': device(503),
  'mesh.unknown_node': user(404),
  'mesh.nobody_joined': user(408),
  'zigbee.coordinator_away': device(503),
  'zigbee.unfit_coordinator': user(409, 78),

  'senses.unavailable': us(503),
  'senses.restarting': us(503),
  'senses.stalled': us(503),
  'senses.no_sandbox': user(503, 69),
  'text.empty': user(400),
  'text.too_long': user(413),
  'text.sensing_off': user(409),
  'text.room_off': user(409),
  'text.dropped': { fault: 'user', http: 503, exit: 69, retryable: true },
  'body.bad_sample': user(400),
  'body.sensing_off': user(409),
  'body.room_off': user(409),
  'body.too_many': user(409),
  'body.unknown_wearer': user(404),
  'feedback.no_mood': user(409),
  'feedback.unknown': user(404),
  'source.ended': device(),
  'source.silent': device(),
  'source.unreadable': user(502, 69),
  'source.no_program': user(503, 69),
  'phone.bad_offer': user(400),
  'phone.unusable_offer': user(422),
  'phone.bad_fragment': user(400),
  'phone.off': user(403),
  'phone.busy': user(409),
  'phone.no_session': user(404),
  'phone.no_condition': user(428),
  'phone.other_condition': user(412),
  'phone.too_many_offers': { fault: 'user', http: 429, exit: 69, retryable: true },
  'phone.no_answer': { fault: 'us', http: 503, exit: 69, retryable: true },
  'phone.no_connection': network(),
  'phone.lost': network(),
  'phone.unsupported': user(503, 69),
  'model.missing': user(503, 69),
  'model.digest_mismatch': user(503, 69),
  'model.invalid': user(503, 69),
  'model.unfit': user(503, 69),
  'model.provider': user(503, 69),
  'model.unknown': user(404, 64),
  'model.bad_description': user(400),
  'model.fetch_failed': network(502),
  'model.no_space': user(507, 73),

  'mqtt.port_in_use': user(503, 69),
  'mqtt.unreachable': network(),
  'mqtt.bad_payload': user(400),
  'mqtt.retained_refused': user(400),
  'mqtt.topic_refused': user(403),
  'mqtt.cannot_listen': user(503, 69),

  'http.port_in_use': user(503, 69),
  'http.cannot_listen': user(503, 69),
  'http.bad_certificate': user(503, 78),
  'http.certificate_ends': user(503, 78),
  'http.too_many_streams': { fault: 'user', http: 503, exit: 69, retryable: true },
  'auth.required': user(401, 77),
  'auth.wrong_password': user(401, 77),
  'auth.too_many': { fault: 'user', http: 429, exit: 77, retryable: true },
  'auth.no_password': user(403, 77),
  'auth.weak_password': user(400, 64),
  'auth.bad_setup_token': user(403, 77),
  'auth.other_source': user(403, 77),
  'auth.bad_origin': user(403, 77),
  'auth.bad_host': user(403, 77),

  'store.unopenable': user(500, 73),
  'store.newer_version': user(500, 78),
  'store.locked': user(500, 73),
  'store.corrupt': user(500, 73),
  'store.failed': { fault: 'user', http: 500, exit: 73, retryable: true },
  'vault.key_missing': user(500, 78),
  'vault.bad_key': user(500, 78),
  'vault.wrong_key': user(500, 78),
  'vault.tampered': user(500, 78),
  'vault.not_ours': user(409, 78),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** Values a message names: plain, never secrets. */
export type MessageParams = Readonly<Record<string, string | number | boolean>>;

export interface ErrorDetails {
  params?: MessageParams;
  /** What the person can do next, where the code's own message does not say it. */
  hint?: string;
  cause?: unknown;
}

/** The one base of errors. `message` is for logs; what people read is rendered from `code` and `params`. */
export class RoomtoneError extends Error {
  readonly code: ErrorCode;
  readonly params: MessageParams;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(describe(code, details.params), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RoomtoneError';
    this.code = code;
    this.params = details.params ?? {};
    this.hint = details.hint;
  }

  get fault(): Fault {
    return ERRORS[this.code].fault;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Wraps what is not ours, so that every edge can answer with a code. */
export function toRoomtoneError(thrown: unknown): RoomtoneError {
  if (thrown instanceof RoomtoneError) return thrown;
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return new RoomtoneError('internal.unexpected', { params: { what }, cause: thrown });
}

function describe(code: ErrorCode, params: MessageParams = {}): string {
  const named = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  return named.length > 0 ? `${code} (${named.join(', ')})` : code;
}
