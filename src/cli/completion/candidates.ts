import type { Command } from 'commander';

interface Candidate {
  word: string;
  description: string;
}

/**
 * What may stand at the end of a command line, a line each: the word, a tab, what it means.
 *
 * @param words those after `tasker`; the last one is being typed, and may be empty
 */
export function candidates(program: Command, words: readonly string[]): string[] {
  const typed = words.at(-1) ?? '';
  let command = program;
  let before = '';
  for (const word of words.slice(0, -1)) {
    const child = takesValue(command, before)
      ? undefined
      : command.commands.find((one) => one.name() === word);
    command = child ?? command;
    before = word;
  }
  return wordsFor(command, before, typed)
    .filter(({ word }) => word.startsWith(typed))
    .map(({ word, description }) => `${word}\t${description}\n`);
}

/** Nothing: it is a value of the caller's, or a file. */
function wordsFor(command: Command, before: string, typed: string): Candidate[] {
  const option = optionNamed(command, before);
  if (option?.required) return plain(option.argChoices);
  const helper = command.createHelp();
  if (typed.startsWith('-'))
    return [
      ...helper.visibleOptions(command),
      ...(command.parent ? helper.visibleOptions(rootOf(command)) : []),
    ]
      .filter(({ long }, index, all) => all.findIndex((other) => other.long === long) === index)
      .map(({ long, description }) => ({ word: long ?? '', description }));
  const names = helper.visibleCommands(command).map((child) => ({
    word: child.name(),
    description: child.description(),
  }));
  return [...names, ...command.registeredArguments.flatMap(({ argChoices }) => plain(argChoices))];
}

function plain(choices: readonly string[] = []): Candidate[] {
  return choices.map((word) => ({ word, description: '' }));
}

function takesValue(command: Command, word: string): boolean {
  return optionNamed(command, word)?.required ?? false;
}

function optionNamed(command: Command, word: string) {
  const all = [...command.options, ...rootOf(command).options];
  return all.find(({ long, short }) => word !== '' && (word === long || word === short));
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
