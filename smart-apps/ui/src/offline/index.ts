/** Apps that can be installed on a phone and open without a connection. */
export { keepApp } from './install.ts';
