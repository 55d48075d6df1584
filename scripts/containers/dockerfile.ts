/** The Dockerfile as its stages, each with the instructions that it adds to the one that it is made from. */
import {
  type Copy,
  DockerfileParser,
  type From,
  type Instruction,
  type PropertyInstruction,
} from 'dockerfile-ast';

export interface Stage {
  readonly name: string;
  /** Another stage, or an image of elsewhere. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

export type Stages = ReadonlyMap<string, Stage>;

/** In the order of the file. Throws when a stage has no name, or a RUN goes over several lines, which `build.ts` does not follow. */
export function parseStages(text: string): Stages {
  const stages = new Map<string, Stage & { instructions: Instruction[] }>();
  let current: (Stage & { instructions: Instruction[] }) | undefined;
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      const name = from.getBuildStage();
      if (name === null) throw new Error(`a stage without a name: ${instruction.toString()}`);
      current = { name, from: from.getImage() ?? '', instructions: [] };
      stages.set(name, current);
    } else current?.instructions.push(instruction);
  }
  return stages;
}

/** Those of the stages that it is made from come first. */
export function allInstructions(stages: Stages, name: string): Instruction[] {
  const stage = stages.get(name);
  return stage === undefined ? [] : [...allInstructions(stages, stage.from), ...stage.instructions];
}

export const ofKind = (instructions: readonly Instruction[], keyword: string): Instruction[] =>
  instructions.filter((instruction) => instruction.getKeyword() === keyword);

/** Of ENV or LABEL, later ones before earlier ones. */
export function properties(instructions: readonly Instruction[], keyword: string): Record<string, string> {
  const pairs = ofKind(instructions, keyword).flatMap((instruction) =>
    (instruction as PropertyInstruction)
      .getProperties()
      .map((p) => [p.getName(), p.getValue() ?? ''] as const),
  );
  return Object.fromEntries(pairs);
}

/** The program and its arguments of the last CMD or HEALTHCHECK; undefined unless it is written as a JSON array. */
export function command(instructions: readonly Instruction[], keyword: string): string[] | undefined {
  const text = ofKind(instructions, keyword).at(-1)?.getArgumentsContent() ?? '';
  const array = /\[.*\]$/s.exec(text)?.[0];
  return array === undefined ? undefined : (JSON.parse(array) as string[]);
}

export interface CopyOf {
  /** A stage; undefined for the repository. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
  /** `uid:gid` */
  readonly owner: string | undefined;
}

export function copyOf(instruction: Instruction): CopyOf {
  const copy = instruction as Copy;
  const flag = (name: string): string | undefined =>
    copy
      .getFlags()
      .find((given) => given.getName() === name)
      ?.getValue() ?? undefined;
  const paths = copy.getArguments().map((argument) => argument.getValue());
  return {
    from: flag('from'),
    sources: paths.slice(0, -1),
    target: paths.at(-1) ?? '',
    owner: flag('chown'),
  };
}
