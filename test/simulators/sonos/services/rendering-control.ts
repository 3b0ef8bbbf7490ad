import { isRampType } from '../household/volume.ts';
import { type Results, UpnpFault } from '../wire/soap.ts';
import { type Context, flag, type Handlers, ledGroup, ranged, text } from './context.ts';

const percent = [0, 100] as const;
const tone = [-10, 10] as const;

/** What a soundbar has beside bass and treble. */
const equalizers = ['DialogLevel', 'NightMode', 'SubGain', 'SurroundEnable', 'SurroundLevel', 'SurroundMode', 'MusicSurroundLevel'];

function channel(context: Context): 'Master' | 'LF' | 'RF' {
  const name = text(context, 'Channel');
  if (name !== 'Master' && name !== 'LF' && name !== 'RF') throw new UpnpFault(402, `channel ${name}`);
  return name;
}

/** The balance of a player is not simulated: only Master can be set. */
function master(context: Context): void {
  if (channel(context) !== 'Master') throw new UpnpFault(501, 'the balance is not simulated');
}

function equalizer(context: Context): string {
  const type = text(context, 'EQType');
  if (!context.player.hasTv || !equalizers.includes(type)) throw new UpnpFault(402, `${context.player.model} has no ${type}`);
  return type;
}

const done: Results = {};

export const renderingControl: Handlers = {
  GetVolume: (context) => ({ CurrentVolume: channel(context) === 'Master' ? context.player.volume.level : 100 }),
  SetVolume(context) {
    master(context);
    context.player.volume.set(ranged(context, 'DesiredVolume', percent));
    return done;
  },
  SetRelativeVolume(context) {
    master(context);
    return { NewVolume: context.player.volume.change(ranged(context, 'Adjustment', [-100, 100])) };
  },
  GetMute: (context) => ({ CurrentMute: channel(context) === 'Master' && context.player.volume.muted }),
  SetMute(context) {
    master(context);
    context.player.volume.muted = flag(context, 'DesiredMute');
    return done;
  },
  GetBass: ({ player }) => ({ CurrentBass: player.bass }),
  SetBass(context) {
    context.player.bass = ranged(context, 'DesiredBass', tone);
    return done;
  },
  GetTreble: ({ player }) => ({ CurrentTreble: player.treble }),
  SetTreble(context) {
    context.player.treble = ranged(context, 'DesiredTreble', tone);
    return done;
  },
  GetLoudness: ({ player }) => ({ CurrentLoudness: player.loudness }),
  SetLoudness(context) {
    master(context);
    context.player.loudness = flag(context, 'DesiredLoudness');
    return done;
  },
  GetEQ: (context) => ({ CurrentValue: context.player.eq.get(equalizer(context)) ?? 0 }),
  SetEQ(context) {
    context.player.eq.set(equalizer(context), ranged(context, 'DesiredValue', [-15, 15]));
    return done;
  },
  GetSupportsOutputFixed: ({ player }) => ({ CurrentSupportsFixed: player.volume.fixed }),
  GetOutputFixed: ({ player }) => ({ CurrentFixed: player.volume.fixed }),
  GetHeadphoneConnected: () => ({ CurrentHeadphoneConnected: false }),
  RampToVolume(context) {
    master(context);
    const type = text(context, 'RampType');
    if (!isRampType(type)) throw new UpnpFault(402, `ramp type ${type}`);
    return { RampTime: context.player.volume.ramp(type, ranged(context, 'DesiredVolume', percent)) };
  },
  RestoreVolumePriorToRamp(context) {
    master(context);
    context.player.volume.restoreBeforeRamp();
    return done;
  },
};

/** Only coordinators take these: 701 from any other player. */
export const groupRenderingControl: Handlers = {
  GetGroupVolume: (context) => ({ CurrentVolume: context.household.volumeOf(ledGroup(context, 701)) }),
  SetGroupVolume(context) {
    context.household.setVolume(ledGroup(context, 701), ranged(context, 'DesiredVolume', percent));
    return done;
  },
  SetRelativeGroupVolume(context) {
    const { household } = context;
    const group = ledGroup(context, 701);
    const target = household.volumeOf(group) + ranged(context, 'Adjustment', [-100, 100]);
    household.setVolume(group, Math.min(100, Math.max(0, target)));
    return { NewVolume: household.volumeOf(group) };
  },
  SnapshotGroupVolume(context) {
    context.household.snapshot(ledGroup(context, 701));
    return done;
  },
  GetGroupMute: (context) => ({ CurrentMute: context.household.isMuted(ledGroup(context, 701)) }),
  SetGroupMute(context) {
    context.household.setMute(ledGroup(context, 701), flag(context, 'DesiredMute'));
    return done;
  },
};
