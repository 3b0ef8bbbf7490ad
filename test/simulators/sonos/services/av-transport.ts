import { isContainer, kindOf } from '../household/media.ts';
import { isPlayMode } from '../household/play-modes.ts';
import { clockTime, readMetadata, secondsOf } from '../wire/didl.ts';
import { nowPlaying } from '../wire/now-playing.ts';
import { type Results, UpnpFault } from '../wire/soap.ts';
import { type Context, flag, type Handlers, ledGroup, text } from './context.ts';

const done: Results = {};

/** What a music service plays has to say by whose account. */
const needsAccount = (uri: string): boolean => /^x-(rincon-cpcontainer|sonos-spotify|sonosapi-radio|sonosapi-hls):/.test(uri);

/** Checks metadata that came with a URI; gives the title in it. */
export function checkMetadata(uri: string, metadata: string): string | undefined {
  if (metadata === '') {
    if (needsAccount(uri)) throw new UpnpFault(800, `${uri} without metadata: no account to play it by`);
    return undefined;
  }
  const read = readMetadata(metadata);
  if (!read) throw new UpnpFault(402, 'the metadata is no DIDL-Lite with an item');
  return read.title;
}

function setUri(context: Context): Results {
  const { player, household } = context;
  const uri = text(context, 'CurrentURI');
  const metadata = text(context, 'CurrentURIMetaData');
  const kind = kindOf(uri);
  if (kind === 'group') household.join(player, uri.slice('x-rincon:'.length));
  else if (kind === undefined && uri !== '') throw new UpnpFault(714, `${uri} cannot be played`);
  else setContent(context, { uri, metadata });
  return done;
}

function setContent(context: Context, content: { uri: string; metadata: string }): void {
  const { player, household } = context;
  const kind = kindOf(content.uri);
  checkMetadata(content.uri, content.metadata);
  if (!player.isVisible) throw new UpnpFault(800, `${player.uuid} is part of another player`);
  if (kind === 'queue' && content.uri !== player.ownQueueUri) throw new UpnpFault(701, `${content.uri} is not the queue of ${player.uuid}`);
  if (kind === 'tv' && !player.hasTv) throw new UpnpFault(714, `${player.model} has no TV`);
  if (kind === 'line-in' && !household.player(content.uri.slice('x-rincon-stream:'.length))?.hasLineIn) {
    throw new UpnpFault(714, `${content.uri} has no line-in`);
  }
  if (!household.leads(player)) household.leave(player);
  player.transport.set(content);
  player.isFresh &&= content.uri === '';
}

/** A member of a group refuses to be told what to play: 800. */
function leading(context: Context): Context['player'] {
  ledGroup(context, 800);
  return context.player;
}

function seek(context: Context): Results {
  ledGroup(context, 701);
  const { transport } = context.player;
  const unit = text(context, 'Unit');
  const target = text(context, 'Target');
  if (unit === 'TRACK_NR') {
    if (!/^\d+$/.test(target)) throw new UpnpFault(711, `track "${target}"`);
    transport.seekTrack(Number(target));
  } else if (unit === 'REL_TIME' || unit === 'TIME_DELTA') {
    const [, sign = '', time = ''] = target.match(/^([+-]?)(.*)$/) ?? [];
    const seconds = secondsOf(time);
    if (seconds === undefined || (unit === 'REL_TIME' && sign !== '')) throw new UpnpFault(711, `time "${target}"`);
    const from = unit === 'REL_TIME' ? 0 : transport.position / 1000;
    transport.seekTime(from + (sign === '-' ? -seconds : seconds));
  } else {
    throw new UpnpFault(710, `unit "${unit}"`);
  }
  return done;
}

function setPlayMode(context: Context): Results {
  ledGroup(context, 712);
  const mode = text(context, 'NewPlayMode');
  if (!isPlayMode(mode)) throw new UpnpFault(712, `play mode ${mode}`);
  context.player.transport.setPlayMode(mode);
  return done;
}

function mediaInfo({ player }: Context): Results {
  const { transport } = player;
  return {
    NrTracks: transport.trackCount,
    MediaDuration: 'NOT_IMPLEMENTED',
    CurrentURI: transport.content.uri,
    CurrentURIMetaData: transport.content.metadata,
    NextURI: '',
    NextURIMetaData: '',
    PlayMedium: transport.kind === undefined ? 'NONE' : 'NETWORK',
    RecordMedium: 'NOT_IMPLEMENTED',
    WriteStatus: 'NOT_IMPLEMENTED',
  };
}

function positionInfo({ player, catalog }: Context): Results {
  const { transport } = player;
  const playing = nowPlaying(player, catalog);
  return {
    Track: transport.trackNumber,
    TrackDuration: clockTime(playing.seconds),
    TrackMetaData: playing.metadata,
    TrackURI: playing.uri,
    RelTime: clockTime(transport.position / 1000),
    AbsTime: 'NOT_IMPLEMENTED',
    RelCount: 2 ** 31 - 1,
    AbsCount: 2 ** 31 - 1,
  };
}

function standAlone({ player, household }: Context): Results {
  if (!player.isVisible) throw new UpnpFault(800, `${player.uuid} is part of another player`);
  const successor = household.leave(player);
  return { DelegatedGroupCoordinatorID: successor?.uuid ?? '', NewGroupID: household.groupOf(player)?.id ?? '' };
}

function delegate(context: Context): Results {
  const group = ledGroup(context, 800);
  const to = context.household.player(text(context, 'NewCoordinator'));
  if (!to) throw new UpnpFault(402, `there is no ${text(context, 'NewCoordinator')}`);
  context.household.delegate(group, { to, rejoin: flag(context, 'RejoinGroup') });
  return done;
}

/** Playing and grouping; what belongs to the queue is in queue.ts. */
export const avTransport: Handlers = {
  SetAVTransportURI(context) {
    if (isContainer(text(context, 'CurrentURI'))) throw new UpnpFault(714, 'a container goes into the queue, not to the transport');
    return setUri(context);
  },
  SetNextAVTransportURI(context) {
    leading(context);
    throw new UpnpFault(602, 'players of Sonos follow their queue only');
  },
  Play(context) {
    if (text(context, 'Speed') !== '1') throw new UpnpFault(717, `speed ${text(context, 'Speed')}`);
    const { household, player } = context;
    if (household.membersPlay === 'refused' || household.leads(player)) leading(context).transport.play();
    return done;
  },
  Pause(context) {
    leading(context).transport.pause();
    return done;
  },
  Stop(context) {
    leading(context).transport.stop();
    return done;
  },
  Next(context) {
    leading(context).transport.skip(1);
    return done;
  },
  Previous(context) {
    leading(context).transport.skip(-1);
    return done;
  },
  Seek: seek,
  SetPlayMode: setPlayMode,
  SetCrossfadeMode(context) {
    const { transport } = leading(context);
    if (transport.kind !== 'queue') throw new UpnpFault(800, 'only a queue fades over');
    transport.crossfade = flag(context, 'CrossfadeMode');
    return done;
  },
  GetTransportInfo: ({ player, household }) => ({
    CurrentTransportState: household.leads(player) ? player.transport.state : 'PLAYING',
    CurrentTransportStatus: player.transport.status,
    CurrentSpeed: 1,
  }),
  GetMediaInfo: mediaInfo,
  GetPositionInfo: positionInfo,
  GetTransportSettings: ({ player }) => ({ PlayMode: player.transport.playMode, RecQualityMode: 'NOT_IMPLEMENTED' }),
  GetCrossfadeMode: ({ player }) => ({ CrossfadeMode: player.transport.crossfade }),
  GetDeviceCapabilities: () => ({ PlayMedia: 'NONE, NETWORK', RecMedia: 'NOT_IMPLEMENTED', RecQualityModes: 'NOT_IMPLEMENTED' }),
  GetCurrentTransportActions: ({ player, household }) => ({
    Actions: (household.leads(player) ? player.transport.actions : ['Stop', 'Play']).join(', '),
  }),
  BecomeCoordinatorOfStandaloneGroup: standAlone,
  DelegateGroupCoordinationTo: delegate,
  GetRemainingSleepTimerDuration(context) {
    leading(context);
    return { RemainingSleepTimerDuration: '', CurrentSleepTimerGeneration: 0 };
  },
};
