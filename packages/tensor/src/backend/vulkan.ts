/** Is there a Vulkan driver on this machine? Dawn asks the loader, which writes to the standard error stream when it finds none. */

/**
 * Descriptions of Vulkan drivers (`*.json`), where the loader looks for them on Linux: in the files or folders named by
 * `VK_DRIVER_FILES` or `VK_ICD_FILENAMES` alone where one is set, otherwise in `vulkan/icd.d` under the usual folders.
 */
export async function vulkanDrivers(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const [{ readdir }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const listed = (paths: string | undefined): string[] => (paths ?? '').split(':').filter(Boolean);
  const found = async (path: string): Promise<string[]> => {
    if (path.endsWith('.json')) return [path];
    const names = await readdir(path).catch(() => []);
    return names.filter((name) => name.endsWith('.json')).map((name) => join(path, name));
  };
  const named = listed(env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES);
  const home = env.HOME ?? '/';
  const folders = [
    ...[env.XDG_CONFIG_HOME ?? join(home, '.config'), ...listed(env.XDG_CONFIG_DIRS ?? '/etc/xdg'), '/etc'],
    ...[env.XDG_DATA_HOME ?? join(home, '.local/share'), ...listed(env.XDG_DATA_DIRS ?? '/usr/local/share:/usr/share')],
  ].map((folder) => join(folder, 'vulkan', 'icd.d'));
  const places = named.length > 0 ? named : [...folders, ...listed(env.VK_ADD_DRIVER_FILES)];
  return (await Promise.all(places.map(found))).flat();
}
