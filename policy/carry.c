#include "carry.h"
