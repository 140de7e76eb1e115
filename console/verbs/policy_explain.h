/* breakglass policy explain. */
#pragma once

/* argv[0] is "explain"; gives an exit status. */
int policy_explain(int argc, char **argv);
