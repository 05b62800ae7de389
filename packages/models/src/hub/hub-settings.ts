/** What the environment says about the Hub, in the variables that Hugging Face's own tools read. */

/** Where the Hub is, where its files are kept, and how to ask for them. */
export interface HubSettings {
  /** `HF_ENDPOINT`, without a slash at its end. */
  readonly endpoint: string;
  /** `HF_HUB_CACHE`, or `hub` in `HF_HOME`, or in `huggingface` in `XDG_CACHE_HOME` or `~/.cache`. */
  readonly cache: string;
  /** `HF_TOKEN`. It is sent to the endpoint and never shown. */
  readonly token: string | undefined;
  /** `HF_HUB_OFFLINE`: nothing is asked for; what is not in the cache is an error. */
  readonly offline: boolean;
}

const fail = (message: string): never => {
  throw new RangeError(`loadPretrained: ${message}`);
};

const endpointOf = (given: string): string => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  // The value is not shown: it might hold a password.
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    return fail('HF_ENDPOINT must be an http(s) address without user, password or query (give a token in HF_TOKEN)');
  return url.href.replace(/\/+$/, '');
};

/** Reads the variables. Empty ones say nothing. */
export const hubSettings = async (environment: Readonly<Record<string, string | undefined>>): Promise<HubSettings> => {
  const { join } = await import('node:path');
  const { homedir } = await import('node:os');
  const said = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const home = said('HF_HOME') ?? join(said('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface');
  const token = said('HF_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    fail('HF_TOKEN must be visible ASCII characters without spaces');
  return {
    endpoint: endpointOf(said('HF_ENDPOINT') ?? 'https://huggingface.co'),
    cache: said('HF_HUB_CACHE') ?? said('HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub'),
    token,
    offline: ['1', 'on', 'yes', 'true'].includes((said('HF_HUB_OFFLINE') ?? '').toLowerCase()),
  };
};
