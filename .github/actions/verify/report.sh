#!/usr/bin/env bash
# Verify the folders of $MODELS and write what came of it, and what changed since $BASE, as Markdown.
# Usage: MODELS=… [ARGUMENTS=…] [BASE=COMMIT] report.sh FILE    exits 1 if one fails, or none is named
set -uo pipefail
report=$1
work=$(mktemp -d)
trap 'git worktree remove --force "$work/base" 2>/dev/null; rm -rf "$work"' EXIT

block() {  # a fence that the text cannot end
  printf '````````text\n'
  sed 's/````````/` ` ` ` ` ` ` `/g'
  printf '````````\n'
}

before=""
if [ -n "${BASE:-}" ]; then
  if git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --depth 1 origin "$BASE"; then
    git worktree add --quiet --detach "$work/base" "$BASE" && before=$work/base
  fi
fi

failed=0 named=0
printf '## Saved models\n' >"$report"
while IFS= read -r model; do
  [ -n "$model" ] || continue
  named=1
  printf '\n### `%s`\n\n' "$model" >>"$report"
  # The arguments are words of a shell, as the user wrote them.
  eval "words=(${ARGUMENTS:-})"
  modelenv verify -m "$model" "${words[@]}" >"$work/verdict" 2>"$work/errors"
  case $? in
    0) printf 'It gives its recorded prediction.\n\n' >>"$report" ;;
    1) failed=1; printf '**It does not give its recorded prediction.**\n\n' >>"$report" ;;
    *) failed=1; printf '**It was not verified.**\n\n' >>"$report" ;;
  esac
  cat "$work/verdict" "$work/errors" | tee /dev/stderr | block >>"$report"
  if [ -n "$before" ] && [ -e "$before/$model" ]; then
    modelenv diff "$before/$model" "$model" >"$work/difference" 2>&1
    case $? in
      0) printf '\nIts environment is that of the base.\n' >>"$report" ;;
      *) { printf '\nAgainst the base:\n\n'; sed "s#^$before/#base: #" "$work/difference" | block; } >>"$report" ;;
    esac
  elif [ -n "$before" ] && [ -e "$model" ]; then
    printf '\nIt is new.\n' >>"$report"
  fi
done <<<"$MODELS"
if [ "$named" = 0 ]; then
  failed=1
  printf '\n**No model is named**: `models` lists their folders, one a line.\n' | tee /dev/stderr >>"$report"
fi
exit "$failed"
