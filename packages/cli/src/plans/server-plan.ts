import type { ServerConfig, SvoConfig } from '../config/config.ts';
import { defaults, tinkerKey } from '../config/defaults.ts';
import type { Place } from '../models/place.ts';
import { defined } from '../stages/defined.ts';

/** How a server is asked, settled; its name is asked for where nobody says it. */
export type ServerPlan = Required<Omit<ServerConfig, 'name' | 'tokenizer'>> & Pick<ServerConfig, 'name' | 'tokenizer'>;

/** As a chat where the prompt says so, with the key of whoever is asked. */
export const serverOf = ({ server = {}, prompt = {} }: SvoConfig, { kind }: Place): ServerPlan => ({
  ...defaults.server,
  ...(kind === 'tinker' && { keyFrom: tinkerKey }),
  ...(prompt.chat === true && { endpoint: 'chat' }),
  ...defined(server),
});
