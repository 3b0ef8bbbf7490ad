import { UpnpFault } from '../wire/soap.ts';
import { avTransport } from './av-transport.ts';
import { contentDirectory } from './content.ts';
import type { Context, Handlers } from './context.ts';
import type { ServiceName } from './descriptions.ts';
import {
  alarmClock,
  connectionManager,
  deviceProperties,
  musicServices,
  systemProperties,
  zoneGroupTopology,
} from './household-services.ts';
import { queueActions } from './queue.ts';
import { groupRenderingControl, renderingControl } from './rendering-control.ts';

const handlers: Readonly<Partial<Record<ServiceName, Handlers>>> = {
  AlarmClock: alarmClock,
  AVTransport: { ...avTransport, ...queueActions },
  ConnectionManager: connectionManager,
  ContentDirectory: contentDirectory,
  DeviceProperties: deviceProperties,
  GroupRenderingControl: groupRenderingControl,
  MusicServices: musicServices,
  RenderingControl: renderingControl,
  SystemProperties: systemProperties,
  ZoneGroupTopology: zoneGroupTopology,
};

/** Carries out an action that was read well. One that a player has and the simulator lacks fails with 501, so that a test notices. */
export function carryOut(service: ServiceName, action: string, context: Context): ReturnType<Handlers[string]> {
  const instance = context.arguments.get('InstanceID');
  if (instance !== undefined && instance !== '0') throw new UpnpFault(718, `instance ${instance}`);
  const handler = handlers[service]?.[action];
  if (!handler) throw new UpnpFault(501, `${service} ${action} is not simulated`);
  return handler(context);
}
