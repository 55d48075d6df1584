/** The app's name, which ends each page's title. */
import { createContext, useContext } from 'react';

export const AppName = createContext('');
export const useAppName = (): string => useContext(AppName);
