/** What the page and the worker say to each other. */
import type { Picture } from '../story/picture.ts';
import type { Scene } from '../story/scenes.ts';
import type { SettingName } from '../story/setting.ts';

export const backends = ['wasm', 'webgpu'] as const;
export type BackendName = (typeof backends)[number];

/** Everything that decides a run; `backend` may change the last digits. */
export interface Run {
  readonly setting: SettingName;
  readonly seed: number;
  readonly backend: BackendName;
}

export type ToWorker =
  | { readonly kind: 'begin'; readonly run: Run }
  /** With what is kept, as it was begun. */
  | { readonly kind: 'continue' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'go on' };

export type ToPage =
  | { readonly kind: 'scene'; readonly scene: Scene }
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'paused' }
  | { readonly kind: 'over' }
  | { readonly kind: 'failed'; readonly message: string };
