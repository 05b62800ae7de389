export { prepare, run, serve, stop } from './threads';
