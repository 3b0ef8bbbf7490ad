import { all, at, parseXml, textAt, type Xml } from './xml.ts';

/** A player that people know by its room: stereo pairs are one, satellites and bridges none. */
export interface Zone {
  id: string;
  name: string;
  /** URL of its description. */
  location: string;
  /** Of the player that leads its group; its own where it plays alone. */
  leader: string;
}

/** Which players there are, and who plays with whom. */
export interface Topology {
  zones: readonly Zone[];
  /** The other halves of stereo pairs, surrounds, subwoofers, bridges. */
  hidden: readonly string[];
  /** Known to the others, and away. */
  vanished: readonly string[];
}

/**
 * The `ZoneGroupState` of ZoneGroupTopology. Before 2019, and on S1, its root is `ZoneGroups` itself
 * (https://sonos.svrooij.io/services/zone-group-topology). @throws Error where it cannot be read
 */
export function parseTopology(text: string): Topology {
  const parsed = parseXml(text);
  const state = at(parsed, 'ZoneGroupState') ?? parsed;
  const groups = at(state, 'ZoneGroups');
  if (groups === undefined) throw new Error('no ZoneGroups');
  const members = all(groups, 'ZoneGroup').flatMap((group) =>
    all(group, 'ZoneGroupMember').map((member) => ({ member, leader: textAt(group, 'Coordinator') })),
  );
  const isHidden = (member: Xml): boolean => textAt(member, 'Invisible') === '1' || textAt(member, 'IsZoneBridge') === '1';
  const shown = members.filter(({ member }) => !isHidden(member));
  const satellites = members.flatMap(({ member }) => all(member, 'Satellite'));
  const away = [...all(at(state, 'VanishedDevices'), 'Device'), ...all(at(state, 'VanishedDevices'), 'VanishedDevice')];
  return {
    zones: shown.map(({ member, leader }) => ({
      ...{ id: textAt(member, 'UUID'), name: textAt(member, 'ZoneName'), location: textAt(member, 'Location'), leader },
    })),
    hidden: [...members.filter(({ member }) => isHidden(member)).map(({ member }) => member), ...satellites].map((each) =>
      textAt(each, 'UUID'),
    ),
    vanished: away.map((each) => textAt(each, 'UUID')),
  };
}

/** Who plays with a player, itself included. */
export const groupOf = ({ zones }: Topology, id: string): Zone[] => {
  const leader = zones.find((zone) => zone.id === id)?.leader;
  return zones.filter((zone) => zone.leader === leader);
};
