# Runs in a writer's container: catches a commit to the table whose metadata folder is $1 when it has begun and before it
# is done, by freezing every program there. Writes "watching", then "caught N FILE ...": N commits were done since, and
# these files of the next were written. Kills every program when it then reads a line. A commit that was done before
# the writer was frozen goes on, and the next is watched. Ends with its standard input.
# Not as root: outside of a container "every program" would be the machine's.
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
    # Waits a millisecond; anything but a time-out is the end of the input.
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
read -r && kill -KILL -1
