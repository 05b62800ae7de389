import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { defineComponent, h } from 'vue';
import 'katex/dist/katex.min.css';
import RecordedFact from '../../home/recorded.ts';
import ColouredSolution from '../../home/solution.ts';
import '../../home/home.css';
import { useScrollers } from './scrollers.ts';
import './style.css';
import VersionSwitch from './versions.ts';

const Layout = defineComponent({
  setup() {
    useScrollers();
    return () => h(DefaultTheme.Layout);
  },
});

const theme: Theme = {
  extends: DefaultTheme,
  Layout,
  enhanceApp: ({ app }) => {
    app
      .component('RecordedFact', RecordedFact)
      .component('ColouredSolution', ColouredSolution)
      .component('VersionSwitch', VersionSwitch);
  },
};
export default theme;
