/** Which version is read, and the way to the others: what lies beside this one on the host says which there are. */
import { useData, useRoute } from 'vitepress';
import { defineComponent, h, onMounted, ref } from 'vue';

interface Version {
  readonly name: string;
  readonly path: string;
}

export default defineComponent({
  name: 'VersionSwitch',
  setup() {
    const { theme, site } = useData();
    const route = useRoute();
    const own: Version = { name: theme.value.version, path: site.value.base };
    const versions = ref<readonly Version[]>([own]);
    // The list is of today even where this page is of long ago.
    onMounted(async () => {
      const listed = await fetch('/versions.json').then((response) => (response.ok ? response.json() : [own]));
      if (listed.some(({ path }: Version) => path === own.path)) versions.value = listed;
    });
    /** The same page there, or the first one where it has none. */
    const go = async ({ path }: Version): Promise<void> => {
      const same = path + route.path.slice(own.path.length);
      const { ok } = await fetch(same, { method: 'HEAD' });
      location.href = ok ? same : path;
    };
    return () =>
      h('label', { class: 'versions' }, [
        h('span', { class: 'visually-hidden' }, 'Version'),
        h(
          'select',
          {
            value: own.path,
            onChange: ({ target }: Event) => {
              const { value } = target as HTMLSelectElement;
              void go(versions.value.find(({ path }) => path === value) ?? own);
            },
          },
          versions.value.map(({ name, path }) => h('option', { value: path, selected: path === own.path }, name)),
        ),
      ]);
  },
});
