/** The name under which the providers of this process stand in Provenance. */
export const embedded = {
  name: 'Dr. Assistant embedded',
  version: '0.1.0',
  party: 'here',
  isQuick: true,
} as const;

export const isOurs = ({ name }: { readonly name: string }): boolean => name === embedded.name;
