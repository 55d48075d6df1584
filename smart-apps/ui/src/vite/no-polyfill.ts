/** In the place of fhirclient's polyfill for browsers without Web Crypto, which React 19 does not run in. */
export default globalThis.crypto;
