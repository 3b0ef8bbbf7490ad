/** What needs the libraries. They take tens of megabytes: this module is loaded when a coordinator is configured, and not before. */
export { findByDevice } from 'zigbee-herdsman-converters';
export { Driver, isRefusal, statusName, toDeviceError } from './driver.ts';
export { setUp } from './setup.ts';
