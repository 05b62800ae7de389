import { createRequire } from 'node:module';

const require = createRequire('/work/main/package.json');
const { chromium } = require('playwright-core');
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const [, , ...args] = process.argv;
for (const a of args) {
  const [path, scheme = 'light', width = '1440', full = '', anchor = ''] = a.split(',');
  const p = await b.newPage({ viewport: { width: +width, height: 900 }, colorScheme: scheme });
  const errs = [];
  p.on('console', (m) => m.type() === 'error' && errs.push(m.text()));
  p.on('pageerror', (e) => errs.push(String(e)));
  p.on('requestfailed', (r) => errs.push('failed ' + r.url()));
  await p.goto('http://localhost:4199' + path + (anchor ? '#' + anchor : ''), { waitUntil: 'networkidle' });
  await p.waitForTimeout(400);
  const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const name = '/tmp/shots/' + (path.replace(/\W+/g, '_') || 'home') + '-' + scheme + '-' + width + '.png';
  await p.screenshot({ path: name, fullPage: full === 'full' });
  console.log(name, 'overflow', over, errs.slice(0, 5));
  await p.close();
}
await b.close();
