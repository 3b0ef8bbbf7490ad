import type { DeviceView, HouseView } from '../../daemon/api/views.ts';
import { PageTitle } from '../components/page-title.tsx';
import { Favorites, NowPlaying, TransportButtons, Volume } from '../components/player.tsx';
import { Slider } from '../components/slider.tsx';
import { useI18n, usePanel } from '../state/context.ts';
import { companies } from '../state/select.ts';

/** Every player of the house: what plays where, who plays together, how loud, and what else there is to play. */
export function Music() {
  const { store } = usePanel();
  const { t } = store.i18n.value;
  const house = store.house.value;
  if (!house) return null;
  const groups = companies(house);
  return (
    <>
      <PageTitle text={t('music.page')} />
      {groups.length === 0 ? (
        <p class="panel muted">{t('music.none')}</p>
      ) : (
        <ul class="companies">
          {groups.map((company) => (
            <Company key={company[0]?.id} house={house} company={company} />
          ))}
        </ul>
      )}
    </>
  );
}

function Company({ house, company }: { house: HouseView; company: readonly DeviceView[] }) {
  const { format } = useI18n();
  const [leader] = company;
  if (!leader) return null;
  return (
    <li class="company panel" data-available={leader.available}>
      <div class="player-head">
        <div>
          <h2>{format.list(company.map(({ name }) => name))}</h2>
          <NowPlaying device={leader} />
        </div>
        {leader.available && <TransportButtons device={leader} />}
      </div>
      {company.length > 1 && <GroupVolume company={company} />}
      {company.map(
        (device) => device.available && <Volume key={device.id} device={device} {...(company.length > 1 && { label: device.name })} />,
      )}
      {leader.available && <Favorites device={leader} />}
      {leader.capabilities.group && leader.available && <Members house={house} leader={leader} company={company} />}
    </li>
  );
}

/** Moves all of them by as much, so that they keep their differences. */
function GroupVolume({ company }: { company: readonly DeviceView[] }) {
  const { actions } = usePanel();
  const { t, format } = useI18n();
  const there = company.filter(({ available, capabilities }) => available && capabilities.volume);
  const mean = there.reduce((sum, { values }) => sum + (values.volume ?? 0), 0) / Math.max(1, there.length);
  const moveTo = (next: number): void => {
    for (const { id, values } of there) {
      const volume = Math.round(Math.min(100, Math.max(0, (values.volume ?? 0) + next - mean)));
      void actions.setDevice(id, { volume });
    }
  };
  return (
    <Slider
      label={t('music.group_volume')}
      min={0}
      max={100}
      value={Math.round(mean)}
      text={(value) => format.percent(value / 100)}
      onWish={moveTo}
    />
  );
}

/** Who plays along; the one that leads cannot be taken out, as the music is its own. */
function Members({ house, leader, company }: { house: HouseView; leader: DeviceView; company: readonly DeviceView[] }) {
  const { actions } = usePanel();
  const { t } = useI18n();
  const others = house.devices.filter(
    ({ id, adapter, capabilities }) => id !== leader.id && adapter === leader.adapter && capabilities.group,
  );
  if (others.length === 0) return null;
  return (
    <fieldset class="choices">
      <legend>{t('music.members')}</legend>
      <label>
        <input type="checkbox" checked disabled />
        {leader.name}
      </label>
      {others.map(({ id, name, available }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={company.some((each) => each.id === id)}
            disabled={!available}
            onChange={({ currentTarget }) => void actions.setDevice(id, { group: currentTarget.checked ? leader.id : id })}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
