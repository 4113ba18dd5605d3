# Runs in a writer's container and stops every program there in the middle of a commit: after the commit has begun and
# before it is complete. $1 is the table's metadata folder. Writes "watching", then "caught N FILE ...": N commits were
# completed since, and these files of the next commit were written. Then kills every program when it reads "kill"; at
# another line, and at the end of its input, the writer continues.
# If the commit was already complete when the writer was stopped, the writer continues and the next commit is watched.
# Ends when its standard input ends.
# Refuses to run as root: outside of a container, "every program" would be every program of the machine.
((UID)) || exit
shopt -s nullglob
cd "$1" || exit
done_before=(v*.metadata.json)
committed=${#done_before[@]}
known=(*.avro)
echo watching
while true; do
  files=(*.avro)
  if ((${#files[@]} == ${#known[@]})); then
    # Wait for a millisecond; an exit code of read other than a time-out means the end of the input.
    read -rt 0.001
    (($? > 128)) || exit
    continue
  fi
  kill -STOP -1
  files=(*.avro)
  now=(v*.metadata.json)
  ((${#now[@]} == committed)) && break
  committed=${#now[@]}
  known=("${files[@]}")
  kill -CONT -1
done
written=()
for file in "${files[@]}"; do
  [[ " ${known[*]} " == *" $file "* ]] || written+=("$file")
done
echo "caught $((committed - ${#done_before[@]})) ${written[*]}"
read -r order
[[ $order == kill ]] && kill -KILL -1
kill -CONT -1
