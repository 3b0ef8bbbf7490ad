import { generations } from '../household/models.ts';
import { groupName } from '../wire/events.ts';
import { UpnpFault } from '../wire/soap.ts';
import { zoneGroupState } from '../wire/zone-group-state.ts';
import { type Handlers, text } from './context.ts';

export const zoneGroupTopology: Handlers = {
  GetZoneGroupState: ({ household }) => ({ ZoneGroupState: zoneGroupState(household) }),
  GetZoneGroupAttributes({ household, player }) {
    const group = player.isVisible ? household.groupOf(player) : undefined;
    return {
      CurrentZoneGroupName: group ? groupName(group) : '',
      CurrentZoneGroupID: group?.id ?? '',
      CurrentZonePlayerUUIDsInGroup: group?.members.map(({ uuid }) => uuid).join(',') ?? '',
      CurrentMuseHouseholdId: household.id,
    };
  },
};

export const deviceProperties: Handlers = {
  GetZoneAttributes: ({ player }) => ({
    CurrentZoneName: player.name,
    CurrentIcon: player.icon,
    CurrentConfiguration: 1,
    CurrentTargetRoomName: '',
  }),
  GetZoneInfo({ player }) {
    const { software, display } = generations[player.generation];
    return {
      SerialNumber: player.serial,
      SoftwareVersion: software,
      DisplaySoftwareVersion: display,
      HardwareVersion: '1.26.1.7-2.0',
      IPAddress: player.place?.host ?? '',
      MACAddress: player.macAddress,
      CopyrightInfo: '© 2003-2026, Sonos, Inc. All rights reserved.',
      ExtraInfo: '',
      HTAudioIn: 0,
      Flags: 0,
    };
  },
  GetHouseholdID: ({ household }) => ({ CurrentHouseholdID: household.id }),
  GetLEDState: () => ({ CurrentLEDState: 'On' }),
  GetButtonLockState: () => ({ CurrentButtonLockState: 'Off' }),
};

/** TuneIn, the only music service that needs no account. */
const serviceList =
  '<Services SchemaVersion="1"><Service Id="254" Name="TuneIn" Version="1.1" Uri="http://legato.radiotime.com/Radio.asmx" SecureUri="http://legato.radiotime.com/Radio.asmx" ContainerType="MService" Capabilities="0"><Policy Auth="Anonymous" PollInterval="0"/></Service></Services>';

export const musicServices: Handlers = {
  ListAvailableServices: ({ player }) => ({
    AvailableServiceDescriptorList: serviceList,
    AvailableServiceTypeList: '',
    AvailableServiceListVersion: `${player.uuid}:1`,
  }),
};

export const alarmClock: Handlers = {
  ListAlarms: ({ player }) => ({ CurrentAlarmList: '<Alarms></Alarms>', CurrentAlarmListVersion: `${player.uuid}:1` }),
  GetFormat: () => ({ CurrentTimeFormat: '24H', CurrentDateFormat: 'DMY' }),
};

export const systemProperties: Handlers = {
  GetString(context) {
    throw new UpnpFault(800, `nothing is kept under ${text(context, 'VariableName')}`);
  },
};

export const connectionManager: Handlers = {
  GetProtocolInfo: () => ({ Source: '', Sink: 'http-get:*:audio/mpeg:*,x-rincon:*:*:*,x-rincon-mp3radio:*:*:*' }),
  GetCurrentConnectionIDs: () => ({ ConnectionIDs: '' }),
};
