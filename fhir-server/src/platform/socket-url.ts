/** Where websockets of Subscriptions connect. */
export const SOCKET_PATH = '/ws/subscriptions';

export const socketUrl = (baseUrl: string): string => `${baseUrl.replace(/^http/, 'ws')}${SOCKET_PATH}`;
