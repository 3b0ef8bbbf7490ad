import type { ErrorCode } from '../errors.ts';
import type { ReasonCode } from '../reasons.ts';

/** English sentences for every code a person can meet. `{name}` is filled from the parameters. */
export const en: Record<ErrorCode | ReasonCode, string> = {
  'api.not_found': 'There is nothing at {path}.',
  'api.bad_request': 'The request is not valid: {what}.',
  'api.too_large': 'The request is larger than {limit} bytes.',
  'api.unsupported_media': 'Requests carry {type} here.',
  'api.no_method': 'There is nothing to be done by {method} at {path}.',
  'api.unknown_room': 'There is no room "{room}".',
  'api.unknown_device': 'There is no device "{device}".',
  'api.unknown_source': 'There is no source "{source}".',
  'api.unknown_scene': 'There is no scene "{scene}".',
  'api.unsupported_attribute': '{device} has no {attribute}.',
  'api.closed': 'The hub is stopping.',
  'api.not_ready': 'The hub is starting, or its configuration cannot be used: nothing is known of the house yet. Try again in a moment.',
  'internal.unexpected': 'Something went wrong inside Roomtone: {what}.',

  'room.unknown_device':
    'The room "{room}" names the device "{device}", which nobody knows: pair its bridge, or correct the name in the configuration.',
  'ambience.no_suggestion': 'Nothing is suggested in the room "{room}" just now.',
  'scene.unknown_origin':
    'The scene "{scene}" is to be taken from {from}, which nobody knows: correct it in the configuration, or wait until its bridge is there.',
  'program.missing': '{program} is not installed; without it there are no {use}. On Debian: sudo apt install {package}.',

  'cli.usage': '{what}. See roomtone --help.',

  'config.not_found': 'There is no configuration file at {file}.',
  'config.unreadable': 'The configuration file {file} cannot be read: {what}.',
  'config.malformed': '{file}, line {line}: not valid YAML: {what}.',
  'config.invalid': '{file}, line {line}, {path}: {what}.',
  'config.newer_version':
    '{file} is of version {found}; this program knows versions up to {known}. Update Roomtone, or restore the older file.',
  'config.changed_on_disk': '{file} was changed by somebody else since it was read. Nothing was written; reload and try again.',
  'config.read_only': '{file} cannot be written: {what}.',

  'log.invalid': '{file}, line {line}: {what}.',
  'log.unreadable': 'The log {file} cannot be read: {what}.',
  'log.unwritable': 'The log {file} cannot be written: {what}. Free some space, or name another place.',
  'log.unknown_room':
    '{file}, line {line}: the configuration has no room "{room}". Name the configuration of the house that was recorded, or leave --config out.',

  'cli.no_hub': 'No hub runs on {dir}, so there is nobody to ask. Start it first.',
  'device.unreachable': '{device} does not answer.',
  'device.timeout': '{device} did not answer in time.',
  'device.refused': '{device} refused: {what}.',
  'device.rate_limited': '{device} is being asked too often; slowing down.',
  'device.no_identify': '{device} cannot show itself.',
  'device.not_permitted': '{device} does not take orders of this kind: see its permissions on the Devices page.',
  'adapter.unknown': 'There is no adapter "{adapter}". Adapters: {known}.',
  'adapter.invalid_options': 'The options of the adapter "{adapter}" are not valid: {what}. It goes on with the ones it had, if any.',
  'adapter.failed': 'The adapter "{adapter}" could not be started: {what}.',
  'adapter.no_pairing': 'Devices of "{adapter}" need no pairing.',
  'adapter.not_paired': '"{adapter}" is not paired with "{id}".',
  'adapter.slow_start': 'The adapter "{adapter}" was not ready within {seconds} s. It is tried again.',

  'hue.not_paired': 'The Hue bridge at {host} is not paired yet. Pair it: press its link button when Roomtone asks for it.',
  'hue.link_button': 'Nobody pressed the link button of the Hue bridge at {host} within {seconds} s. Start again and press it.',
  'hue.key_revoked': 'The Hue bridge at {host} no longer accepts Roomtone. Pair it again.',
  'hue.certificate_changed':
    'The bridge at {host} shows another certificate than when it was paired, so nothing is sent to it. If the bridge was replaced or reset, pair it again; if not, something else answers at its address.',
  'hue.other_bridge':
    'Another Hue bridge ({found}) answers at {host} than the one paired there ({wanted}), which is nowhere else to be found. Pair the new one, or correct the address.',
  'hue.configured_twice': 'The Hue bridge at {host} stands in the configuration twice. Take one of its addresses out.',
  'hue.not_a_bridge': 'What answers at {host} is not a Hue bridge. Check the address.',
  'hue.too_old': 'The Hue bridge at {host} has no CLIP v2 interface. Update it in the Hue app; the round first bridge cannot be used.',
  'hue.bad_answer': 'The Hue bridge at {host} gave an answer that makes no sense: {what}.',

  'zigbee2mqtt.login': 'The broker {url} of Zigbee2MQTT refuses the user name or password. Correct them in the configuration.',
  'zigbee2mqtt.offline': 'Zigbee2MQTT does not answer under "{base}" on {url}. Check that it runs, and its base topic.',
  'zigbee2mqtt.no_list':
    'The broker {url} has no list of devices under "{base}", although Zigbee2MQTT runs. Restart Zigbee2MQTT, and let the broker keep its messages over a restart ("persistence").',
  'zigbee2mqtt.bad_answer': 'Zigbee2MQTT said something on {topic} that makes no sense.',

  'sonos.not_a_player': 'What answers at {host} is not a player. Check the address.',
  'sonos.configured_twice': 'The player at {host} stands in the configuration twice. Take one of its addresses out.',
  'sonos.unknown_music': '{device} knows no "{music}". Choose one of its favorites, or give an address.',
  'sonos.no_events':
    'The player at {host} cannot tell of changes, so it is asked again and again: {what}. Mend adapters.sonos.callbackPort.',
  'sonos.busy': '{device} cannot do that at this moment: {what}.',
  'sonos.bad_answer': 'The player at {host} gave an answer that makes no sense: {what}.',
  'mesh.none': '{adapter} keeps no network of its own, or does not run.',
  'mesh.offline': 'The network of {adapter} cannot be reached: see what its coordinator says.',
  'mesh.unknown_node': 'There is no {node} in the network of {adapter}.',
  'mesh.nobody_joined':
    'Nothing new joined the network of {adapter} within {seconds} s. Put the device in pairing mode as its manual says, near to the coordinator, and try again.',
  'zigbee.coordinator_away':
    'The Zigbee coordinator at {port} does not answer. Check that it is plugged in and that no other program uses it; Roomtone goes on trying.',
  'zigbee.unfit_coordinator': 'The Zigbee coordinator at {port} cannot be used: {what}.',

  'senses.unavailable':
    'The senses process stopped {times} times in a row: {what}. It is tried again every five minutes, and at once when sensing is switched off and on.',
  'senses.restarting': 'The senses process stopped ({what}) and is being started again.',
  'senses.stalled': 'The senses process did not answer for {seconds} s and was ended.',
  'senses.no_sandbox':
    'Cameras and microphones stay off: {program} is missing, which keeps the senses from writing files. It is part of util-linux.',
  'text.empty': 'The message is empty.',
  'text.too_long': 'The message has {length} characters; at most {most} are read at once. Send it in parts.',
  'text.sensing_off': 'Sensing is off in the whole house, so nothing is read. Switch it on first.',
  'text.room_off': 'The room "{room}" is off, so nothing is read there. Choose another mode first.',
  'text.dropped': '{dropped} of the last messages were dropped unread: more came than the senses could read.',
  'body.bad_sample': 'What the wearable sent makes no sense, so nothing of it is used: {what}.',
  'body.sensing_off': 'Sensing is off in the whole house, so no wearable is read. Switch it on first.',
  'body.room_off': 'The room "{room}" is off, so no wearable is read there. Choose another mode first.',
  'body.too_many': 'There are {most} wearers already. Forget one of them before another sends.',
  'body.unknown_wearer': 'Nothing is known of a wearer "{wearer}".',
  'feedback.no_mood': 'The room "{room}" has no mood of its own now, so there is nothing to say of it.',
  'feedback.unknown': 'That was taken back already, or is too long ago.',
  'source.ended': 'The stream of "{source}" ended: {what}.',
  'source.silent': '"{source}" sent nothing for {seconds} s.',
  'source.unreadable': '"{source}" cannot be read: {what}.',
  'source.no_program': '"{source}" needs {program}, which is not installed. On Debian: sudo apt install {package}.',
  'phone.bad_offer': 'The offer cannot be read: {what}.',
  'phone.unusable_offer': 'The offer cannot be accepted: {what}.',
  'phone.bad_fragment': 'The change of the connection cannot be read: {what}.',
  'phone.off': '"{source}" takes nothing: {why}.',
  'phone.busy': '"{source}" is in use by {holder} since {since}. End that first, or take over.',
  'phone.no_session': 'This connection to "{source}" is over.',
  'phone.no_condition': 'A change of a connection must say which one it means (If-Match).',
  'phone.other_condition': 'The connection was begun anew meanwhile (If-Match names another).',
  'phone.too_many_offers': 'Too many devices offer to send to "{source}". Try again in {seconds} s.',
  'phone.no_answer': 'The senses do not answer just now. Try again in a moment.',
  'phone.no_connection':
    'The device that wanted to send to "{source}" never arrived within {seconds} s. Both must be in one network, and the UDP ports (webrtc.ports) open.',
  'phone.lost': 'The device that sends to "{source}" has not been heard of for {seconds} s.',
  'phone.unsupported': 'Phones cannot send to this machine: the WebRTC library does not load: {what}.',
  'model.missing':
    'No model for {role}, so this reading is not made. Fetch it: scripts/roomtone models fetch --recommended (or put {file} from {url} into {folder}).',
  'model.digest_mismatch':
    'The model file {file} is not the one the manifest names (its SHA-256 differs), so it is not used. Replace it by the one from {url}.',
  'model.invalid': 'The model {model} could not be loaded: {what}.',
  'model.unfit': 'The model {model} does not do what {role} needs, so it is not used: {what}.',
  'model.provider': 'The model {model} runs on the CPU and not on {provider}: it {what}.',
  'model.unknown': 'There is no model "{model}"{where}. Models: {known}.',
  'model.bad_description': 'The description of a model in {file} cannot be used: {field}: {what}.',
  'model.fetch_failed': 'The model {model} could not be fetched from {url}: {what}.',
  'model.no_space': 'There is no room for the model {model} in {folder}: it needs {needed} MB, and {free} MB are free.',

  'mqtt.port_in_use':
    'Port {port} is taken, probably by another MQTT broker. Use that one (mqtt.broker in the configuration) or choose another port (mqtt.listen.port).',
  'mqtt.unreachable': 'The MQTT broker {url} cannot be reached: {what}.',
  'mqtt.bad_payload': 'The message on {topic} was refused: {what}.',
  'mqtt.retained_refused': 'The message on {topic} was retained, which would repeat it at every restart; it was refused and cleared.',
  'mqtt.topic_refused': 'The message on {topic} was dropped: clients publish only on topics that end in /set, and on bridge/request.',
  'mqtt.cannot_listen': 'The MQTT broker cannot listen on {host}, port {port}: {what}. Mend mqtt.listen in the configuration.',

  'http.port_in_use': 'Port {port} is taken. Choose another (http.port in the configuration), or stop the program that has it.',
  'http.cannot_listen':
    'The control panel cannot listen on {host}, port {port}: {what}. Mend http.host and http.port in the configuration.',
  'http.bad_certificate': 'The certificate that http.tls names cannot be used: {what}. The panel shows the one of the hub instead.',
  'http.certificate_ends': 'The certificate {file} ends on {day}. Renew it; the hub takes the new one over within an hour.',
  'http.too_many_streams': 'Too many live views are open ({most}). Close one and try again.',
  'auth.required': 'Log in first.',
  'auth.wrong_password': 'That is not the password.',
  'auth.too_many': 'Too many attempts. Try again in {seconds} s.',
  'auth.no_password': '{what} needs a password first: run "roomtone password", or open the set-up link from the terminal.',
  'auth.weak_password': 'A password needs at least {length} characters.',
  'auth.bad_setup_token': 'That set-up link is not valid, or was used before. Take the one that the terminal shows now.',
  'auth.bad_host': 'This hub does not answer to the name "{host}". If it is yours, add it to http.allowedHosts in the configuration.',
  'auth.other_source': 'This token lets a device send to "{source}" and do nothing else.',
  'auth.bad_origin': 'Requests from {origin} are not accepted.',

  'store.unopenable': 'The database {file} cannot be opened: {what}.',
  'store.newer_version':
    'The database {file} is of version {found}; this program knows versions up to {known}. Update Roomtone, or restore an older backup.',
  'store.locked': 'The data folder {dir} is in use by another Roomtone (process {pid}).',
  'store.corrupt':
    'The database was damaged and has been set aside as {aside}. A new one was begun; kept from the old one: {kept}. Check the disk or card.',
  'store.failed': 'The database {file} cannot be read or written: {what}.',
  'vault.key_missing':
    'The vault has entries, but its key {file} is gone. Put the key back from a backup, or delete the entries and pair the devices again.',
  'vault.bad_key': 'The vault key {file} is not a key: it must hold 32 bytes, or 64 hexadecimal digits.',
  'vault.not_ours':
    'The vault key {file} is held by the service manager. Exchange it with: roomtone vault rotate OLD_KEY_FILE NEW_KEY_FILE.',
  'vault.wrong_key': 'The vault key {file} is not the one that the vault was made with. Put the right one back.',
  'vault.tampered': 'The vault entry "{name}" was damaged or changed outside Roomtone. Pair the device again, or store the secret again.',

  'reason.scene': 'Scene "{scene}", chosen by {actor}',
  'reason.slider': 'Set by {actor}',
  'reason.hand': 'Changed by hand, held until {until}',
  'reason.hand_empty': 'Changed by hand, held until nobody is there',
  'reason.hand_sleep': 'Changed by hand, held until the next sleep',
  'reason.pin': 'Kept as it is by {actor}',
  'reason.schedule': 'Scene "{scene}", because it is time',
  'reason.before': 'As it was before the last scene',
  'reason.mood': 'Scene "{scene}", because the room is {mood}',
  'reason.idle': 'Idle state',
  'reason.safety': 'Limited for safety: {limit}',
  'reason.off': 'Off, so color and brightness wait',
  'reason.silent': 'Silent, so the music waits',
  'reason.company': 'Somebody plays music here together with other players: it is left alone',
  'reason.unclaimed': 'Nothing asks for anything',
  'limit.cap': 'at most {percent} % here',
  'limit.quiet_hours': 'at most {percent} % in the quiet hours',
};
