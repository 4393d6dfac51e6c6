#!/bin/bash
# Puts Waihu's overlay into the configuration of a stock FreeSWITCH 1.10, or takes it out again.
# Only files of our own are added; nothing that is there is edited. See README.md.
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

conf=/etc/freeswitch data=/var/lib/waihu owner='' esl_port=8021 sip_ip='$${local_ip_v4}' sip_port=5090
sip_domain='' agents_port=5070
max_sessions=1000 sps=100 password_file='' xml_curl_url='' xml_curl_credentials='' dry=0 uninstall=0

usage() {
  cat <<'TEXT'
usage: install.sh [options]
  --conf DIR            FreeSWITCH's configuration (default /etc/freeswitch)
  --data DIR            folder that FreeSWITCH and Waihu share (default /var/lib/waihu)
  --owner USER[:GROUP]  owner of the new files (default: owner of DIR/freeswitch.xml)
  --esl-port N          event socket, on 127.0.0.1 (default 8021)
  --sip-ip IP           address of the trunks' SIP profile (default: FreeSWITCH's local_ip_v4)
  --sip-port N          its port (default 5090)
  --agents-port N       port of the SIP profile at which agents' phones register (default 5070)
  --sip-domain NAME     their domain: phones.domain of config.yaml (default: --sip-ip)
  --max-sessions N      channels at once (default 1000)
  --sps N               new channels per second (default 100)
  --password-file FILE  event-socket password to use (default: a random one is made)
  --xml-curl-url URL    ask Waihu for dialplan and directory over HTTP (default: static files only)
  --xml-curl-credentials FILE  file with user:password for it
  --dry-run             show what would be done, change nothing
  --uninstall           remove the overlay; folders with recordings, sounds and call records stay
TEXT
}

fail() { echo "install.sh: $*" >&2; exit 1; }
say() { echo "$*"; }

need() { [ $# -ge 2 ] || fail "option $1 needs a value"; }
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry=1; shift; continue ;;
    --uninstall) uninstall=1; shift; continue ;;
    -h|--help) usage; exit 0 ;;
    --conf|--data|--owner|--esl-port|--sip-ip|--sip-port|--agents-port|--sip-domain|--max-sessions|--sps|--password-file|--xml-curl-url|--xml-curl-credentials) need "$@" ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  case $1 in
    --conf) conf=$2 ;;
    --data) data=$2 ;;
    --owner) owner=$2 ;;
    --esl-port) esl_port=$2 ;;
    --sip-ip) sip_ip=$2 ;;
    --sip-port) sip_port=$2 ;;
    --agents-port) agents_port=$2 ;;
    --sip-domain) sip_domain=$2 ;;
    --max-sessions) max_sessions=$2 ;;
    --sps) sps=$2 ;;
    --password-file) password_file=$2 ;;
    --xml-curl-url) xml_curl_url=$2 ;;
    --xml-curl-credentials) xml_curl_credentials=$2 ;;
  esac
  shift 2
done

[ -f "$conf/freeswitch.xml" ] || fail "$conf/freeswitch.xml is not there; give FreeSWITCH's configuration folder with --conf"
conf=$(cd "$conf" && pwd)
manifest=$conf/waihu/manifest
stamp=$(date +%Y%m%d-%H%M%S)

# Values go into XML attributes and sed scripts: nothing but plain words may pass.
word() { [[ $2 =~ ^[A-Za-z0-9._:/+-]+$ ]] || fail "$1: \"$2\" may only have letters, digits and . _ : / + -"; }
number() { [[ $2 =~ ^[0-9]+$ ]] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] || fail "$1: \"$2\" must be a number from $3 to $4"; }
word --data "$data"
case $data in /*) ;; *) fail "--data: \"$data\" must begin with /" ;; esac
[ "$sip_ip" = '$${local_ip_v4}' ] || word --sip-ip "$sip_ip"
if [ -z "$sip_domain" ]; then sip_domain=$sip_ip; else word --sip-domain "$sip_domain"; fi
number --esl-port "$esl_port" 1 65535
number --sip-port "$sip_port" 1 65535
number --agents-port "$agents_port" 1 65535
[ "$sip_port" != "$agents_port" ] || fail "--agents-port: $agents_port is the port of the trunks; give another one"
number --max-sessions "$max_sessions" 1 100000
number --sps "$sps" 1 10000
[ -z "$xml_curl_url" ] || word --xml-curl-url "$xml_curl_url"
[ -n "$owner" ] || owner=$(stat -c %u:%g "$conf/freeswitch.xml")

check_password() {
  [[ $1 =~ ^[A-Za-z0-9._-]{12,128}$ ]] || fail "the event-socket password must have 12 to 128 letters, digits, . _ or -"
  case ${1,,} in *cluecon*) fail "ClueCon is the password that every attacker tries first; leave --password-file away and a random one is made" ;; esac
}

# remove takes out what the manifest lists. A file that was changed since is kept beside, so that no work is lost.
remove() {
  local sum path
  while read -r sum path; do
    [ -e "$conf/$path" ] || continue
    if [ "$dry" = 1 ]; then say "would remove $path"; continue; fi
    if [ "$(sha256sum < "$conf/$path" | cut -d' ' -f1)" != "$sum" ]; then
      mkdir -p "$data/removed-$stamp/$(dirname "$path")"
      mv "$conf/$path" "$data/removed-$stamp/$path"
      say "removed $path (it was changed; a copy is in $data/removed-$stamp)"
    else
      rm "$conf/$path"
      say "removed $path"
    fi
  done < <(grep -v '^#' "$manifest" || true)
  [ "$dry" = 1 ] && return
  local d
  for d in $(sed -n 's/^# made //p' "$manifest" | tac); do
    [ "$d" = waihu ] || rmdir "$conf/$d" 2>/dev/null || say "kept $d: there are files of yours in it"
  done
  # what an earlier version had replaced comes back
  if [ -d "$conf/waihu/backup" ]; then
    (cd "$conf/waihu/backup" && find . -type f -print) | while read -r path; do
      path=${path#./}
      [ -e "$conf/$path" ] || { mv "$conf/waihu/backup/$path" "$conf/$path"; say "restored $path"; }
    done
  fi
  rm -rf "$conf/waihu"
}

if [ "$uninstall" = 1 ]; then
  [ -f "$manifest" ] || fail "the overlay is not installed in $conf"
  remove
  say "The overlay is out. Restart FreeSWITCH. $data stays: it may hold recordings and call records."
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/overlay/." "$work/"
[ -z "$xml_curl_url" ] || cp -R "$here/optional/." "$work/"

credentials=''
if [ -n "$xml_curl_url" ]; then
  [ -n "$xml_curl_credentials" ] || fail "--xml-curl-url needs --xml-curl-credentials"
  credentials=$(tr -d '\n' < "$xml_curl_credentials")
  [[ $credentials =~ ^[A-Za-z0-9._-]+:[A-Za-z0-9._-]{12,128}$ ]] || fail "$xml_curl_credentials must hold user:password, the password with at least 12 letters and digits"
  case $xml_curl_url in https://*|http://127.0.0.1*) ;; *) fail "--xml-curl-url must be https, or http on 127.0.0.1" ;; esac
fi
find "$work" -type f -print0 | xargs -0 sed -i \
  -e "s|@DATA@|$data|g" -e "s|@ESL_PORT@|$esl_port|g" -e "s|@SIP_IP@|$sip_ip|g" -e "s|@SIP_PORT@|$sip_port|g" \
  -e "s|@SIP_DOMAIN@|$sip_domain|g" -e "s|@AGENTS_PORT@|$agents_port|g" \
  -e "s|@MAX_SESSIONS@|$max_sessions|g" -e "s|@SPS@|$sps|g" \
  -e "s|@XML_CURL_URL@|$xml_curl_url|g" -e "s|@XML_CURL_CREDENTIALS@|$credentials|g"

# The password: the one that is given, else the one of the last install, else a new one.
mkdir -p "$work/waihu"
if [ -n "$password_file" ]; then
  password=$(tr -d '\n' < "$password_file")
elif [ -f "$conf/waihu/event_socket_password" ]; then
  password=$(cat "$conf/waihu/event_socket_password")
else
  password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
fi
check_password "$password"
printf '%s\n' "$password" > "$work/waihu/event_socket_password"
printf '<include>\n  <param name="password" value="%s"/>\n</include>\n' "$password" > "$work/waihu/event_socket_password.xml"

# Ours takes the place of a post_load_modules.conf.xml; do that only when nobody uses the stock one.
stock=$conf/autoload_configs/post_load_modules.conf.xml
if [ -f "$stock" ] && sed -e 's/<!--.*-->//' "$stock" | grep -q '<load '; then
  rm "$work/autoload_configs/01_waihu_post_load_modules.conf.xml"
  say "note: $stock is in use; add <load module=\"mod_json_cdr\"/> to it yourself"
fi

secret() { case $1 in waihu/event_socket_password*|*xml_curl*) return 0 ;; esac; return 1; }

changed=0
list=$(cd "$work" && find . -type f | sed 's|^\./||' | LC_ALL=C sort)
while read -r path; do
  if [ -f "$conf/$path" ] && cmp -s "$work/$path" "$conf/$path"; then continue; fi
  changed=1
  if secret "$path"; then say "+ $path (secret, mode 600)"; continue; fi
  old=/dev/null; [ ! -f "$conf/$path" ] || old=$conf/$path
  diff -u --label "$path (now)" --label "$path (overlay)" "$old" "$work/$path" || true
done <<< "$list"

# what an earlier install put there and this one does not, xml_curl for instance
gone=''
if [ -f "$manifest" ]; then
  while read -r _ path; do
    [ -e "$conf/$path" ] && ! grep -qxF "$path" <<< "$list" || continue
    gone="$gone$path"$'\n'; changed=1; say "- $path"
  done < <(grep -v '^#' "$manifest" || true)
fi

for d in dialplan directory sounds recordings cdr; do
  [ -d "$data/$d" ] || { changed=1; say "+ folder $data/$d"; }
done
if [ "$changed" = 0 ]; then say "Nothing to do: the overlay is installed."; exit 0; fi
if [ "$dry" = 1 ]; then say "Dry run: nothing was changed."; exit 0; fi

chown_if_root() { [ "$(id -u)" != 0 ] || chown "$owner" "$@"; }
made=''
[ ! -f "$manifest" ] || made=$(sed -n 's/^# made //p' "$manifest")
make_dir() { # each new folder is written down, for the uninstall
  local d=$1
  [ -d "$conf/$d" ] && return
  case $d in */*) make_dir "$(dirname "$d")" ;; esac
  mkdir "$conf/$d"
  chown_if_root "$conf/$d"
  made="$made"$'\n'"$d"
}
make_dir waihu
while read -r path; do
  make_dir "$(dirname "$path")"
  if [ -f "$conf/$path" ] && ! cmp -s "$work/$path" "$conf/$path" && ! grep -qs " $path\$" "$manifest"; then
    mkdir -p "$conf/waihu/backup/$(dirname "$path")"
    cp -p "$conf/$path" "$conf/waihu/backup/$path"
    say "kept your $path in waihu/backup"
  fi
  mode=644; if secret "$path"; then mode=600; fi
  install -m "$mode" "$work/$path" "$conf/$path.waihu-new"
  chown_if_root "$conf/$path.waihu-new"
  mv "$conf/$path.waihu-new" "$conf/$path"
done <<< "$list"
while read -r path; do [ -z "$path" ] || rm "$conf/$path"; done <<< "$gone"
{
  echo "# written by install.sh; --uninstall goes by it"
  while read -r d; do [ -z "$d" ] || echo "# made $d"; done <<< "$made"
  while read -r path; do echo "$(sha256sum < "$conf/$path" | cut -d' ' -f1) $path"; done <<< "$list"
} > "$manifest.new"
chown_if_root "$manifest.new"
mv "$manifest.new" "$manifest"
for d in '' /dialplan /directory /sounds /recordings /cdr; do
  [ -d "$data$d" ] || { mkdir -p "$data$d"; chown_if_root "$data$d"; }
done
chmod 2770 "$data/directory" # the accounts of phones: for FreeSWITCH and Waihu, who share a group, only

say "Installed. Restart FreeSWITCH (start it with -nonat, and -nc under a supervisor)."
say "Event-socket password for Waihu: switch.password_file = $conf/waihu/event_socket_password"
