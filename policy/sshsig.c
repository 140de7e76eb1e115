#include "sshsig.h"
