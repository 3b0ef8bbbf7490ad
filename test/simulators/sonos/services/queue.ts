import { isContainer, kindOf, type Track } from '../household/media.ts';
import { type Results, UpnpFault } from '../wire/soap.ts';
import { checkMetadata } from './av-transport.ts';
import { type Context, type Handlers, ledGroup, number, text } from './context.ts';

const done: Results = {};

interface Enqueued {
  uri: string;
  metadata: string;
}

/** The tracks that a URI stands for. */
function tracksOf({ catalog }: Context, { uri, metadata }: Enqueued): readonly Track[] {
  const title = checkMetadata(uri, metadata);
  if (isContainer(uri)) {
    const tracks = catalog.container(uri);
    if (!tracks) throw new UpnpFault(800, `there is no container ${uri}`);
    return tracks;
  }
  const kind = kindOf(uri);
  if (kind !== 'track') throw new UpnpFault(714, `${kind ?? uri} does not go into a queue`);
  return [catalog.track(uri, title)];
}

/** The queue is the coordinator's, and one that was just powered has to be set to something first. */
function checkQueue(context: Context): void {
  ledGroup(context, 800);
  if (context.player.isFresh) throw new UpnpFault(701, `${context.player.name} was just powered and is set to nothing`);
}

/** Changes the queue and tells the transport where its track went. */
function change(context: Context, act: () => void): void {
  const { transport, queue } = context.player;
  const current = queue.tracks[transport.index];
  act();
  const index = current ? queue.tracks.indexOf(current) : 0;
  transport.queueChanged(index);
}

function add(context: Context, tracks: readonly Track[]): Results {
  const { player } = context;
  const asNext = text(context, 'EnqueueAsNext') === '1' && player.transport.playMode.startsWith('SHUFFLE');
  const position = asNext ? player.transport.index + 2 : number(context, 'DesiredFirstTrackNumberEnqueued');
  let first = 0;
  change(context, () => {
    first = player.queue.add(
      // Each entry of a queue is its own, also where two play the same.
      tracks.map((track) => ({ ...track })),
      position,
    );
  });
  return { FirstTrackNumberEnqueued: first, NumTracksAdded: tracks.length, NewQueueLength: player.queue.length };
}

function addOne(context: Context): Results {
  checkQueue(context);
  const enqueued = { uri: text(context, 'EnqueuedURI'), metadata: text(context, 'EnqueuedURIMetaData') };
  const results = add(context, tracksOf(context, enqueued));
  context.player.queue.container = enqueued;
  return results;
}

/** URIs stand one after the other with spaces between them, their metadata too. */
function addMany(context: Context): Results {
  checkQueue(context);
  const uris = text(context, 'EnqueuedURIs').split(' ').filter(Boolean);
  const metadata = text(context, 'EnqueuedURIsMetaData').match(/<DIDL-Lite[\s\S]*?<\/DIDL-Lite>/g) ?? [];
  if (uris.length !== number(context, 'NumberOfURIs')) throw new UpnpFault(402, `${uris.length} URIs`);
  if (metadata.length !== 0 && metadata.length !== uris.length) throw new UpnpFault(402, `metadata of ${metadata.length} URIs`);
  const tracks = uris.flatMap((uri, index) => tracksOf(context, { uri, metadata: metadata[index] ?? '' }));
  const results = add(context, tracks);
  context.player.queue.container = { uri: text(context, 'ContainerURI'), metadata: text(context, 'ContainerMetaData') };
  return { ...results, NewUpdateID: context.player.queue.updateId };
}

/** An `UpdateID` that is given has to be the one of the queue; 0 and nothing stand for any. */
function checkUpdateId(context: Context): void {
  const id = text(context, 'UpdateID');
  if (id !== '' && id !== '0' && id !== String(context.player.queue.updateId)) throw new UpnpFault(804, `update id ${id}`);
}

function checkRange({ player: { queue } }: Context, [start, count]: readonly [number, number]): void {
  if (start < 1 || count < 1 || start + count - 1 > queue.length)
    throw new UpnpFault(402, `tracks ${start} to ${start + count - 1} of ${queue.length}`);
}

/** The actions of AVTransport that work on the queue. */
export const queueActions: Handlers = {
  AddURIToQueue: addOne,
  AddMultipleURIsToQueue: addMany,
  RemoveAllTracksFromQueue(context) {
    ledGroup(context, 800);
    if (context.player.queue.length === 0) throw new UpnpFault(804, 'the queue is empty already');
    change(context, () => context.player.queue.replace([]));
    return done;
  },
  RemoveTrackFromQueue(context) {
    ledGroup(context, 800);
    checkUpdateId(context);
    const position = Number(text(context, 'ObjectID').match(/^Q:0\/(\d+)$/)?.[1] ?? 0);
    checkRange(context, [position, 1]);
    change(context, () => context.player.queue.remove(position));
    return done;
  },
  RemoveTrackRangeFromQueue(context) {
    ledGroup(context, 800);
    checkUpdateId(context);
    const range = [number(context, 'StartingIndex'), number(context, 'NumberOfTracks')] as const;
    checkRange(context, range);
    change(context, () => context.player.queue.remove(...range));
    return { NewUpdateID: context.player.queue.updateId };
  },
  ReorderTracksInQueue(context) {
    ledGroup(context, 800);
    checkUpdateId(context);
    const [position, count, before] = ['StartingIndex', 'NumberOfTracks', 'InsertBefore'].map((name) => number(context, name)) as [
      number,
      number,
      number,
    ];
    checkRange(context, [position, count]);
    if (before < 1 || before > context.player.queue.length + 1) throw new UpnpFault(402, `before ${before}`);
    change(context, () => context.player.queue.move({ position, count, before }));
    return done;
  },
  SaveQueue(context) {
    ledGroup(context, 800);
    const { player, catalog, content } = context;
    catalog.playlists.push({ title: text(context, 'Title'), tracks: player.queue.tracks.map((track) => ({ ...track })) });
    content.playlistsChanged();
    return { AssignedObjectID: `SQ:${catalog.playlists.length - 1}` };
  },
  BackupQueue: () => done,
};
