/** What an action takes and gives: the names of its arguments, in the order in which they have to come. */
export interface ActionDescription {
  takes: readonly string[];
  gives: readonly string[];
}

export interface ServiceDescription {
  name: ServiceName;
  type: string;
  id: string;
  controlPath: string;
  eventPath: string;
  descriptionPath: string;
  actions: ReadonlyMap<string, ActionDescription>;
}

type ActionTable = Readonly<Record<string, string>>;

/** `takes -> gives`, as in the service descriptions of a Sonos One with software 95.0-77060 (see README.md). */
const tables = {
  AlarmClock: {
    GetFormat: '-> CurrentTimeFormat CurrentDateFormat',
    GetTimeNow: '-> CurrentUTCTime CurrentLocalTime CurrentTimeZone CurrentTimeGeneration',
    CreateAlarm:
      'StartLocalTime Duration Recurrence Enabled RoomUUID ProgramURI ProgramMetaData PlayMode Volume IncludeLinkedZones -> AssignedID',
    UpdateAlarm: 'ID StartLocalTime Duration Recurrence Enabled RoomUUID ProgramURI ProgramMetaData PlayMode Volume IncludeLinkedZones ->',
    DestroyAlarm: 'ID ->',
    ListAlarms: '-> CurrentAlarmList CurrentAlarmListVersion',
  },
  AVTransport: {
    SetAVTransportURI: 'InstanceID CurrentURI CurrentURIMetaData ->',
    SetNextAVTransportURI: 'InstanceID NextURI NextURIMetaData ->',
    AddURIToQueue:
      'InstanceID EnqueuedURI EnqueuedURIMetaData DesiredFirstTrackNumberEnqueued EnqueueAsNext -> FirstTrackNumberEnqueued NumTracksAdded NewQueueLength',
    AddMultipleURIsToQueue:
      'InstanceID UpdateID NumberOfURIs EnqueuedURIs EnqueuedURIsMetaData ContainerURI ContainerMetaData DesiredFirstTrackNumberEnqueued EnqueueAsNext -> FirstTrackNumberEnqueued NumTracksAdded NewQueueLength NewUpdateID',
    ReorderTracksInQueue: 'InstanceID StartingIndex NumberOfTracks InsertBefore UpdateID ->',
    RemoveTrackFromQueue: 'InstanceID ObjectID UpdateID ->',
    RemoveTrackRangeFromQueue: 'InstanceID UpdateID StartingIndex NumberOfTracks -> NewUpdateID',
    RemoveAllTracksFromQueue: 'InstanceID ->',
    SaveQueue: 'InstanceID Title ObjectID -> AssignedObjectID',
    BackupQueue: 'InstanceID ->',
    GetMediaInfo:
      'InstanceID -> NrTracks MediaDuration CurrentURI CurrentURIMetaData NextURI NextURIMetaData PlayMedium RecordMedium WriteStatus',
    GetTransportInfo: 'InstanceID -> CurrentTransportState CurrentTransportStatus CurrentSpeed',
    GetPositionInfo: 'InstanceID -> Track TrackDuration TrackMetaData TrackURI RelTime AbsTime RelCount AbsCount',
    GetDeviceCapabilities: 'InstanceID -> PlayMedia RecMedia RecQualityModes',
    GetTransportSettings: 'InstanceID -> PlayMode RecQualityMode',
    GetCrossfadeMode: 'InstanceID -> CrossfadeMode',
    Stop: 'InstanceID ->',
    Play: 'InstanceID Speed ->',
    Pause: 'InstanceID ->',
    Seek: 'InstanceID Unit Target ->',
    Next: 'InstanceID ->',
    Previous: 'InstanceID ->',
    SetPlayMode: 'InstanceID NewPlayMode ->',
    SetCrossfadeMode: 'InstanceID CrossfadeMode ->',
    GetCurrentTransportActions: 'InstanceID -> Actions',
    BecomeCoordinatorOfStandaloneGroup: 'InstanceID -> DelegatedGroupCoordinatorID NewGroupID',
    DelegateGroupCoordinationTo: 'InstanceID NewCoordinator RejoinGroup ->',
    ConfigureSleepTimer: 'InstanceID NewSleepTimerDuration ->',
    GetRemainingSleepTimerDuration: 'InstanceID -> RemainingSleepTimerDuration CurrentSleepTimerGeneration',
    GetRunningAlarmProperties: 'InstanceID -> AlarmID GroupID LoggedStartTime',
    SnoozeAlarm: 'InstanceID Duration ->',
    EndDirectControlSession: 'InstanceID ->',
  },
  ConnectionManager: {
    GetProtocolInfo: '-> Source Sink',
    GetCurrentConnectionIDs: '-> ConnectionIDs',
    GetCurrentConnectionInfo: 'ConnectionID -> RcsID AVTransportID ProtocolInfo PeerConnectionManager PeerConnectionID Direction Status',
  },
  ContentDirectory: {
    GetSearchCapabilities: '-> SearchCaps',
    GetSortCapabilities: '-> SortCaps',
    GetSystemUpdateID: '-> Id',
    Browse: 'ObjectID BrowseFlag Filter StartingIndex RequestedCount SortCriteria -> Result NumberReturned TotalMatches UpdateID',
    CreateObject: 'ContainerID Elements -> ObjectID Result',
    UpdateObject: 'ObjectID CurrentTagValue NewTagValue ->',
    DestroyObject: 'ObjectID ->',
  },
  DeviceProperties: {
    SetLEDState: 'DesiredLEDState ->',
    GetLEDState: '-> CurrentLEDState',
    AddBondedZones: 'ChannelMapSet ->',
    RemoveBondedZones: 'ChannelMapSet KeepGrouped ->',
    CreateStereoPair: 'ChannelMapSet ->',
    SeparateStereoPair: 'ChannelMapSet ->',
    SetZoneAttributes: 'DesiredZoneName DesiredIcon DesiredConfiguration DesiredTargetRoomName ->',
    GetZoneAttributes: '-> CurrentZoneName CurrentIcon CurrentConfiguration CurrentTargetRoomName',
    GetHouseholdID: '-> CurrentHouseholdID',
    GetZoneInfo:
      '-> SerialNumber SoftwareVersion DisplaySoftwareVersion HardwareVersion IPAddress MACAddress CopyrightInfo ExtraInfo HTAudioIn Flags',
    GetButtonState: '-> State',
    SetButtonLockState: 'DesiredButtonLockState ->',
    GetButtonLockState: '-> CurrentButtonLockState',
  },
  GroupManagement: {
    AddMember: 'MemberID BootSeq -> CurrentTransportSettings CurrentURI GroupUUIDJoined ResetVolumeAfter VolumeAVTransportURI',
    RemoveMember: 'MemberID ->',
    ReportTrackBufferingResult: 'MemberID ResultCode ->',
    SetSourceAreaIds: 'DesiredSourceAreaIds ->',
  },
  GroupRenderingControl: {
    GetGroupMute: 'InstanceID -> CurrentMute',
    SetGroupMute: 'InstanceID DesiredMute ->',
    GetGroupVolume: 'InstanceID -> CurrentVolume',
    SetGroupVolume: 'InstanceID DesiredVolume ->',
    SetRelativeGroupVolume: 'InstanceID Adjustment -> NewVolume',
    SnapshotGroupVolume: 'InstanceID ->',
  },
  MusicServices: {
    GetSessionId: 'ServiceId Username -> SessionId',
    ListAvailableServices: '-> AvailableServiceDescriptorList AvailableServiceTypeList AvailableServiceListVersion',
    UpdateAvailableServices: '->',
  },
  RenderingControl: {
    GetMute: 'InstanceID Channel -> CurrentMute',
    SetMute: 'InstanceID Channel DesiredMute ->',
    GetVolume: 'InstanceID Channel -> CurrentVolume',
    SetVolume: 'InstanceID Channel DesiredVolume ->',
    SetRelativeVolume: 'InstanceID Channel Adjustment -> NewVolume',
    GetBass: 'InstanceID -> CurrentBass',
    SetBass: 'InstanceID DesiredBass ->',
    GetTreble: 'InstanceID -> CurrentTreble',
    SetTreble: 'InstanceID DesiredTreble ->',
    GetEQ: 'InstanceID EQType -> CurrentValue',
    SetEQ: 'InstanceID EQType DesiredValue ->',
    GetLoudness: 'InstanceID Channel -> CurrentLoudness',
    SetLoudness: 'InstanceID Channel DesiredLoudness ->',
    GetSupportsOutputFixed: 'InstanceID -> CurrentSupportsFixed',
    GetOutputFixed: 'InstanceID -> CurrentFixed',
    SetOutputFixed: 'InstanceID DesiredFixed ->',
    GetHeadphoneConnected: 'InstanceID -> CurrentHeadphoneConnected',
    RampToVolume: 'InstanceID Channel RampType DesiredVolume ResetVolumeAfter ProgramURI -> RampTime',
    RestoreVolumePriorToRamp: 'InstanceID Channel ->',
  },
  SystemProperties: {
    SetString: 'VariableName StringValue ->',
    GetString: 'VariableName -> StringValue',
    Remove: 'VariableName ->',
  },
  ZoneGroupTopology: {
    CheckForUpdate: 'UpdateType CachedOnly Version -> UpdateItem',
    ReportUnresponsiveDevice: 'DeviceUUID DesiredAction ->',
    GetZoneGroupAttributes: '-> CurrentZoneGroupName CurrentZoneGroupID CurrentZonePlayerUUIDsInGroup CurrentMuseHouseholdId',
    GetZoneGroupState: '-> ZoneGroupState',
  },
} as const satisfies Record<string, ActionTable>;

export type ServiceName = keyof typeof tables;

/** Services of the two sub-devices; the others belong to the ZonePlayer itself. ConnectionManager is on both, here the renderer's. */
const folders: Readonly<Partial<Record<ServiceName, string>>> = {
  AVTransport: '/MediaRenderer',
  RenderingControl: '/MediaRenderer',
  GroupRenderingControl: '/MediaRenderer',
  ConnectionManager: '/MediaRenderer',
  ContentDirectory: '/MediaServer',
};

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

function describe(name: ServiceName): ServiceDescription {
  const path = `${folders[name] ?? ''}/${name}`;
  const actions = Object.entries(tables[name] as ActionTable).map(([action, signature]) => {
    const [takes = '', gives = ''] = signature.split('->');
    return [action, { takes: words(takes), gives: words(gives) }] as const;
  });
  return {
    name,
    type: `urn:schemas-upnp-org:service:${name}:1`,
    id: `urn:upnp-org:serviceId:${name}`,
    controlPath: `${path}/Control`,
    eventPath: `${path}/Event`,
    descriptionPath: `/xml/${name}1.xml`,
    actions: new Map(actions),
  };
}

export const services: readonly ServiceDescription[] = (Object.keys(tables) as ServiceName[]).map(describe);

export type ArgumentType = 'ui4' | 'i4' | 'boolean' | 'string';

const types: Readonly<Record<Exclude<ArgumentType, 'string'>, readonly string[]>> = {
  ui4: words(
    'InstanceID DesiredFirstTrackNumberEnqueued NumberOfURIs StartingIndex RequestedCount NumberOfTracks InsertBefore DesiredVolume ID Volume BootSeq ResultCode',
  ),
  i4: words('Adjustment DesiredBass DesiredTreble DesiredValue'),
  boolean: words(
    'EnqueueAsNext CrossfadeMode DesiredMute DesiredLoudness DesiredFixed ResetVolumeAfter RejoinGroup Enabled IncludeLinkedZones KeepGrouped CachedOnly',
  ),
};

export function typeOf(argument: string): ArgumentType {
  if (types.ui4.includes(argument)) return 'ui4';
  if (types.i4.includes(argument)) return 'i4';
  return types.boolean.includes(argument) ? 'boolean' : 'string';
}
