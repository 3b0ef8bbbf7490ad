import type { Reader } from '../serial/bytes.ts';
import { type Attribute, type Cluster, clusterId, fixed, type Outcome, setting } from '../zcl/cluster.ts';
import { zclStatus } from '../zcl/frame.ts';
import { zclType } from '../zcl/types.ts';
import type { LampColor, Light } from './light.ts';

/** "As fast as you can". */
const asFast = 0xffff;

/** Bit 0 of an options attribute: commands count while the lamp is off. */
const executeIfOff = 0x01;

/** Commands of the color control cluster. */
const colorCommand = {
  moveToColor: 0x07,
  moveToTemperature: 0x0a,
  stop: 0x47,
} as const;

/** Commands of the level control cluster. */
const levelCommand = {
  moveToLevel: 0x00,
  move: 0x01,
  step: 0x02,
  stop: 0x03,
  moveToLevelWithOnOff: 0x04,
  moveWithOnOff: 0x05,
  stepWithOnOff: 0x06,
  stopWithOnOff: 0x07,
} as const;

/** Commands of the on/off cluster. */
const onOffCommand = {
  off: 0x00,
  on: 0x01,
  toggle: 0x02,
  offWithEffect: 0x40,
  onWithRecall: 0x41,
} as const;

const reported = (type: number, read: () => number): Attribute => ({ type, read, reportable: true });

const done = zclStatus.success;

export interface LightSettings {
  /** 0 off, 1 on, 2 toggled, 255 as it was. */
  startUpOnOff: Attribute & { value: number };
}

export function onOffCluster(light: Light, { startUpOnOff }: LightSettings): Cluster {
  const turn = (on: boolean): Outcome => {
    light.switch(on);
    return done;
  };
  return {
    id: clusterId.onOff,
    attributes: new Map<number, Attribute>([
      [0x0000, reported(zclType.boolean, () => Number(light.on))],
      [0x4000, fixed(zclType.boolean, 1)],
      [0x4001, setting(zclType.uint16, 0)],
      [0x4002, setting(zclType.uint16, 0)],
      [0x4003, startUpOnOff],
    ]),
    commands: {
      [onOffCommand.off]: () => turn(false),
      [onOffCommand.on]: () => turn(true),
      [onOffCommand.toggle]: () => turn(!light.on),
      [onOffCommand.offWithEffect]: (fields) => {
        fields.u16();
        return turn(false);
      },
      [onOffCommand.onWithRecall]: () => turn(true),
    },
  };
}

/** Options of one command: a mask and what to set under it, missing in commands of older clients. */
function evenIfOff(fields: Reader, options: number): boolean {
  if (fields.left < 2) return (options & executeIfOff) !== 0;
  const mask = fields.u8();
  return (((options & ~mask) | (fields.u8() & mask)) & executeIfOff) !== 0;
}

const tenthsOf = (time: number): number => (time === asFast ? 0 : time);

export function levelCluster(light: Light): Cluster {
  const options = setting(zclType.bitmap8, 0);
  const moveTo = (withOnOff: boolean) => (fields: Reader) => {
    const level = fields.u8();
    const tenths = tenthsOf(fields.u16());
    if (level === 255) return zclStatus.invalidField;
    light.moveToLevel(level, { tenths, withOnOff, evenIfOff: evenIfOff(fields, options.value) });
    return done;
  };
  const move = (withOnOff: boolean) => (fields: Reader) => {
    const down = fields.u8() === 1;
    const rate = fields.u8();
    const goal = down ? 1 : 254;
    const tenths = rate === 0 || rate === 255 ? 0 : Math.round((Math.abs(goal - light.level) / rate) * 10);
    light.moveToLevel(goal, { tenths, withOnOff: withOnOff && !down, evenIfOff: evenIfOff(fields, options.value) });
    return done;
  };
  const step = (withOnOff: boolean) => (fields: Reader) => {
    const down = fields.u8() === 1;
    const size = fields.u8();
    const tenths = tenthsOf(fields.u16());
    const goal = Math.min(254, Math.max(1, light.level + (down ? -size : size)));
    light.moveToLevel(goal, { tenths, withOnOff: withOnOff && !down, evenIfOff: evenIfOff(fields, options.value) });
    return done;
  };
  const stop = () => {
    light.stopFading('level');
    return done;
  };
  return {
    id: clusterId.levelControl,
    attributes: new Map<number, Attribute>([
      [0x0000, reported(zclType.uint8, () => light.level)],
      [0x0001, { type: zclType.uint16, read: () => light.remainingTime }],
      [0x000f, options],
      [0x0010, setting(zclType.uint16, 0)],
      [0x0011, setting(zclType.uint8, 255)],
      [0x4000, setting(zclType.uint8, 255)],
    ]),
    commands: {
      [levelCommand.moveToLevel]: moveTo(false),
      [levelCommand.move]: move(false),
      [levelCommand.step]: step(false),
      [levelCommand.stop]: stop,
      [levelCommand.moveToLevelWithOnOff]: moveTo(true),
      [levelCommand.moveWithOnOff]: move(true),
      [levelCommand.stepWithOnOff]: step(true),
      [levelCommand.stopWithOnOff]: stop,
    },
  };
}

/** Color modes and capabilities of the cluster library. */
const modeXy = 1;
const modeTemperature = 2;
const canXy = 0x08;
const canTemperature = 0x10;

export interface ColorFeatures {
  xy: boolean;
  mired: readonly [min: number, max: number];
}

export function colorCluster(light: Light, { xy, mired }: ColorFeatures): Cluster {
  const options = setting(zclType.bitmap8, 0);
  const color = (): LampColor => light.color ?? { mired: mired[0] };
  const mode = (): number => ('mired' in color() ? modeTemperature : modeXy);
  const value = (pick: (now: LampColor) => number) => reported(zclType.uint16, () => pick(color()));
  const moveTo = (goal: LampColor, fields: Reader): Outcome => {
    const tenths = tenthsOf(fields.u16());
    light.moveToColor(goal, { tenths, evenIfOff: evenIfOff(fields, options.value) });
    return done;
  };
  return {
    id: clusterId.colorControl,
    attributes: new Map<number, Attribute>([
      [0x0002, { type: zclType.uint16, read: () => light.remainingTime }],
      ...(xy
        ? ([
            [0x0003, value((now) => ('mired' in now ? 0 : now.x))],
            [0x0004, value((now) => ('mired' in now ? 0 : now.y))],
          ] as const)
        : []),
      [0x0007, value((now) => ('mired' in now ? now.mired : 0))],
      [0x0008, reported(zclType.enum8, mode)],
      [0x000f, options],
      [0x4001, { type: zclType.enum8, read: mode }],
      [0x400a, fixed(zclType.bitmap16, canTemperature | (xy ? canXy : 0))],
      [0x400b, fixed(zclType.uint16, mired[0])],
      [0x400c, fixed(zclType.uint16, mired[1])],
      [0x4010, setting(zclType.uint16, 0xffff)],
    ]),
    commands: {
      [colorCommand.moveToColor]: (fields) =>
        xy ? moveTo({ x: fields.u16(), y: fields.u16() }, fields) : zclStatus.unsupportedClusterCommand,
      [colorCommand.moveToTemperature]: (fields) => moveTo({ mired: fields.u16() }, fields),
      [colorCommand.stop]: () => {
        light.stopFading('color');
        return done;
      },
    },
  };
}
