import type { ServeConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';

/** What one server may spend, settled. */
export type ServeLimits = Required<Omit<ServeConfig, 'host'>>;

const { host: _, ...usual } = defaults.serve;

/** Limits for a machine of so many processors. */
export const usualLimits = (processors: number): ServeLimits => ({
  workers: Math.max(1, Math.min(8, processors)),
  ...usual,
});

/** Bytes of all requests that are held at once: eight of the largest. */
export const heldBytes = ({ bodyMb }: ServeLimits): number => 8 * bodyBytes({ bodyMb });

export const bodyBytes = ({ bodyMb }: Pick<ServeLimits, 'bodyMb'>): number => Math.floor(bodyMb * 1_000_000);

/** Connections that are open at once. */
export const mostConnections = 512;
