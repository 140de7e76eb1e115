#include "hostkey.h"
