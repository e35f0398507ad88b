# Written by Vestibule for one shell: the role in the prompt.
functions -c fish_prompt __vestibule_fish_prompt
function __vestibule_status
    return $argv[1]
end
function fish_prompt
    set -l last $status
    printf '(%s) ' $VESTIBULE_ROLE
    __vestibule_status $last
    __vestibule_fish_prompt
end
