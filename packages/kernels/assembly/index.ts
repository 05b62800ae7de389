export { run, serve, stop } from './threads';
