import type { HouseView } from '../../daemon/api/views.ts';
import { PageTitle } from '../components/page-title.tsx';
import { Problems } from '../components/problems.tsx';
import { Switch } from '../components/switch.tsx';
import { paths } from '../paths.ts';
import { usePanel } from '../state/context.ts';
import { demoSource, listedProblems } from '../state/select.ts';

export function House() {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const house = store.house.value;
  if (!house) return null;
  const problems = listedProblems(house);
  return (
    <>
      <PageTitle text={t('house.title')} />
      <div class="house">
        {problems.length > 0 ? (
          <Problems problems={problems} />
        ) : (
          house.config.state === 'ok' && <p class="panel muted">{t('house.no_problems')}</p>
        )}
        <HubFacts house={house} />
        <Configuration house={house} />
        <Broker house={house} />
        <ModelsLink />
        <DemoSwitch house={house} />
        <button type="button" class="button logout" onClick={() => void actions.logout()}>
          {t('house.logout')}
        </button>
      </div>
    </>
  );
}

function ModelsLink() {
  const { t } = usePanel().store.i18n.value;
  return (
    <section class="panel" aria-labelledby="models-title">
      <h2 id="models-title">{t('models.title')}</h2>
      <p class="muted">{t('models.meaning')}</p>
      <a class="button" href={paths.models}>
        {t('models.open')}
      </a>
    </section>
  );
}

function DemoSwitch({ house }: { house: HouseView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  const demo = demoSource(house);
  if (!demo) return null;
  return (
    <section class="ambience panel">
      <div>
        <h2>{t('house.demo')}</h2>
        <p class="muted">{t(demo.enabled && !house.sensing ? 'sources.held_off' : 'house.demo_meaning')}</p>
      </div>
      <Switch
        label={t('house.demo')}
        on={demo.enabled}
        busy={store.pending.value.has('demo')}
        onToggle={(on) => void actions.setDemo(on)}
      />
    </section>
  );
}

function HubFacts({ house: { hub } }: { house: HouseView }) {
  const { t, format } = usePanel().store.i18n.value;
  return (
    <section class="panel" aria-labelledby="hub-title">
      <h2 id="hub-title">{t('house.hub')}</h2>
      <dl class="facts">
        <dt>{t('house.version')}</dt>
        <dd>{hub.version}</dd>
        <dt>{t('house.started')}</dt>
        <dd>{format.dateTime(hub.startedAt)}</dd>
        <dt>{t('house.timezone')}</dt>
        <dd>{hub.timezone}</dd>
      </dl>
    </section>
  );
}

function Configuration({ house: { config } }: { house: HouseView }) {
  const { store, actions } = usePanel();
  const { t } = store.i18n.value;
  return (
    <section class="panel" aria-labelledby="config-title">
      <h2 id="config-title">{t('house.config')}</h2>
      <p class="path">{config.file}</p>
      <p class="muted">{t(`house.config_${config.state}`)}</p>
      <button type="button" class="button" aria-busy={store.pending.value.has('reload')} onClick={() => void actions.reload()}>
        {t('house.reload')}
      </button>
    </section>
  );
}

function Broker({ house: { mqtt } }: { house: HouseView }) {
  const { t } = usePanel().store.i18n.value;
  return (
    <section class="panel" aria-labelledby="mqtt-title">
      <h2 id="mqtt-title">{t('house.mqtt')}</h2>
      {mqtt.url && <p class="path">{mqtt.url}</p>}
      <p class="muted dots">
        <span>{t(`house.mqtt_${mqtt.kind}`)}</span>
        <span>{t(mqtt.connected ? 'house.connected' : 'house.disconnected')}</span>
      </p>
    </section>
  );
}
