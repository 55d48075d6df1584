/** What JSON Schema alone says badly of an object: elements that may be given in two members, and choices of type. */

export interface ObjectRule {
  /** Elements of which at least one of the members must be there. */
  readonly required: readonly { readonly name: string; readonly members: readonly string[] }[];
  /** Choice elements: at most one of the members may be there. */
  readonly choices: readonly { readonly name: string; readonly members: readonly string[] }[];
}

export interface ObjectFault {
  readonly member: string;
  readonly code: 'required' | 'structure';
  readonly text: string;
}

export function objectFaults(rule: ObjectRule, value: Readonly<Record<string, unknown>>): ObjectFault[] {
  const faults: ObjectFault[] = [];
  for (const { name, members } of rule.required) {
    if (!members.some((member) => Object.hasOwn(value, member)))
      faults.push({ member: name, code: 'required', text: `${name} is required` });
  }
  for (const { name, members } of rule.choices) {
    const given = members.filter((member) => Object.hasOwn(value, member));
    if (given.length > 1)
      faults.push({
        member: given[1]!,
        code: 'structure',
        text: `${name} may have one type only, not ${given.join(' and ')}`,
      });
  }
  return faults;
}
