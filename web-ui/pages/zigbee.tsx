import { useEffect } from 'preact/hooks';
import { Joining } from '../components/joining.tsx';
import { Node } from '../components/node.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { useI18n, usePanel } from '../state/context.ts';
import { inOrder, type Network } from '../state/meshes.ts';

/** Looks after the Zigbee networks: who is in them, how well they are heard, and who may come in. */
export function Zigbee() {
  const { store, actions } = usePanel();
  const { t } = useI18n();
  useEffect(() => void actions.loadNetworks(), [actions]);
  const networks = [...store.networks.value.values()];
  const families = store.adapters.value;
  const isUnknown = families === null || families.some(({ id, mesh }) => mesh && !store.networks.value.has(id));
  return (
    <>
      <PageTitle text={t('mesh.title')} />
      {networks.length === 0 && !isUnknown && <p class="panel muted">{t('mesh.none')}</p>}
      {networks.map((network) => (
        <Section key={network.adapter} network={network} isOnly={networks.length === 1} />
      ))}
    </>
  );
}

function Section({ network, isOnly }: { network: Network; isOnly: boolean }) {
  const { t } = useI18n();
  const name = useFamily(network.adapter);
  const { nodes } = network;
  return (
    <section class="mesh" aria-label={isOnly ? t('mesh.network') : name}>
      <div class="mesh-side">
        <Facts network={network} title={isOnly ? t('mesh.network') : name} />
        <Joining network={network} />
      </div>
      <section class="mesh-nodes" aria-label={t('mesh.nodes')}>
        {nodes.length === 0 ? (
          <p class="panel muted">{t('mesh.empty')}</p>
        ) : (
          <ul class="device-list">
            {inOrder(nodes).map((node) => (
              <Node key={node.id} adapter={network.adapter} node={node} />
            ))}
          </ul>
        )}
      </section>
    </section>
  );
}

function Facts({ network, title }: { network: Network; title: string }) {
  const { t, format } = useI18n();
  const { state, coordinator, channel, panId, backupAt, nodes } = network;
  const away = nodes.filter(({ available, joining }) => !available && joining === undefined).length;
  return (
    <section class="panel" aria-labelledby={`mesh-${network.adapter}`}>
      <h2 id={`mesh-${network.adapter}`}>{title}</h2>
      <p role="status" class="mesh-state" data-state={state}>
        {t(`mesh.state_${state}`)}
      </p>
      <dl class="facts">
        <dt>{t('mesh.count')}</dt>
        <dd>{away > 0 ? t('mesh.counted_away', { count: nodes.length, away }) : format.number(nodes.length)}</dd>
        {coordinator.model && (
          <>
            <dt>{t('mesh.coordinator')}</dt>
            <dd>{coordinator.model}</dd>
          </>
        )}
        <dt>{t('mesh.port')}</dt>
        <dd class="path">{coordinator.port}</dd>
        {channel !== undefined && (
          <>
            <dt>{t('mesh.channel')}</dt>
            <dd>{channel}</dd>
          </>
        )}
        {panId !== undefined && (
          <>
            <dt>{t('mesh.pan')}</dt>
            <dd class="path">{`0x${panId.toString(16).padStart(4, '0')}`}</dd>
          </>
        )}
        {backupAt !== undefined && (
          <>
            <dt>{t('mesh.backup')}</dt>
            <dd>{format.dateTime(backupAt)}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function useFamily(adapter: string): string {
  return usePanel().store.adapters.value?.find(({ id }) => id === adapter)?.name ?? adapter;
}
