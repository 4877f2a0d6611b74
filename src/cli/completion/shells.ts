/** What a shell runs to complete a command: it asks `tasker __complete`, so nothing is to be kept up to date. */

const BASH = `_tasker() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done \\
    < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _tasker tasker
`;

/** Sourced, or as `_tasker` in a directory of `fpath`: then this text itself is what zsh calls. */
const ZSH = `#compdef tasker
_tasker() {
  local line; local -a found
  while IFS= read -r line; do
    local word="\${line%%$'\\t'*}" meaning="\${line#*$'\\t'}"
    found+=("\${word//:/\\\\:}\${meaning:+:\${meaning}}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe tasker found; else _files; fi
}
if [[ \${funcstack[1]} == _tasker ]]; then _tasker "$@"; else compdef _tasker tasker; fi
`;

const FISH = `function __tasker_candidates
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c tasker -f -a '(__tasker_candidates)'
`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
export const SHELLS = Object.keys(SCRIPTS);

export function completionScript(shell: string): string {
  return SCRIPTS[shell] ?? '';
}
