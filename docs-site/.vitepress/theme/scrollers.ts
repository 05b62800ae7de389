/** What scrolls within the page can be reached by the keyboard, and only that: it depends on the room there is. */
import { onContentUpdated } from 'vitepress';
import { onMounted, onUnmounted } from 'vue';

const candidates =
  '.vp-doc :is(.table, .plot, p:has(> img), .katex-display, .notebook-output, .svo-part, .svo-part table)';

const markScrollers = (): void => {
  for (const element of document.querySelectorAll<HTMLElement>(candidates)) {
    if (element.scrollWidth > element.clientWidth + 1) element.tabIndex = 0;
    else element.removeAttribute('tabindex');
  }
};

/** For a layout's set-up: marks them on every page, and again when the window changes. */
export function useScrollers(): void {
  onContentUpdated(markScrollers);
  onMounted(() => {
    markScrollers();
    // A formula has its width when its letters have come.
    document.fonts.addEventListener('loadingdone', markScrollers);
    addEventListener('resize', markScrollers);
  });
  onUnmounted(() => {
    document.fonts.removeEventListener('loadingdone', markScrollers);
    removeEventListener('resize', markScrollers);
  });
}
