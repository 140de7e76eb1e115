#include "quorum.h"
