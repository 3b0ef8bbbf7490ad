import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { usePanel } from '../state/context.ts';

/** The heading of a page, and the document's title with it. It takes the focus after navigation. */
export function PageTitle({ text, children }: { text: string; children?: ComponentChildren }) {
  const { store } = usePanel();
  const home = store.house.value?.hub.name ?? store.i18n.value.t('app.name');
  useEffect(() => {
    document.title = `${text} · ${home}`;
  }, [text, home]);
  return (
    <h1 class="page-title" tabIndex={-1}>
      {text}
      {children}
    </h1>
  );
}
