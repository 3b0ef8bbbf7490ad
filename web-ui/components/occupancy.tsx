import type { Mood } from '../../daemon/mood/mood.ts';
import { useI18n } from '../state/context.ts';

export function Occupancy({ mood: { occupancy, people } }: { mood: Pick<Mood, 'occupancy' | 'people'> }) {
  const { t } = useI18n();
  if (occupancy === null) return <span>{t('occupancy.unknown')}</span>;
  if (!occupancy) return <span>{t('occupancy.empty')}</span>;
  return <span>{people ? t('occupancy.people', { count: people }) : t('occupancy.some')}</span>;
}
