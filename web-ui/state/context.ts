import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Clock } from '../../daemon/api/clock.ts';
import type { Broadcast } from '../capture/broadcast.ts';
import type { I18n } from '../i18n/translate.ts';
import type { Actions } from './actions.ts';
import type { Store } from './store.ts';
import type { LiveStream } from './stream.ts';

/** What every component may use. */
export interface Panel {
  store: Store;
  actions: Actions;
  stream: LiveStream;
  broadcast: Broadcast;
  clock: Clock;
}

export const PanelContext = createContext<Panel | null>(null);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error('usePanel() outside of <PanelContext.Provider>');
  return panel;
}

export function useI18n(): I18n {
  return usePanel().store.i18n.value;
}
