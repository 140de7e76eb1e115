#include "when.h"
